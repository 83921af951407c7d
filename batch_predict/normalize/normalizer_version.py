"""Of the normalizer: what it made of pictures is not mixed or compared with what another made."""

from typing import Final

#: Another number where any picture or map becomes another 28x28, or another doubt, by the code of
#: this package. Work files, caches, pools to train from and baselines of another number are not
#: gone on with. `tests/normalize/test_normalizer_version.py` fails until it is raised.
NORMALIZER_VERSION: Final = 1
