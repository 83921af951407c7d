"""An audit of a run: pictures drawn by strata, a person's blind answers, what follows from them."""
