"""Every parser of bytes from outside, fed what nobody would write."""
