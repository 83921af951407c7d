"""An interval for other pictures of the same kind, where those of one group go together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.beta import t_quantile
from batch_predict.audit.cells import Cells
from batch_predict.audit.interval import LEVEL, interval
from batch_predict.evaluate.reliability import Interval, Z

FEW_EVENTS: Final = 10  # of fewer, nobody can say how they cluster
#: What is assumed of the correlation within a group then: of errors in reading by writer.
ASSUMED_CORRELATION: Final = 0.05
_ENDLESS: Final = 1e9  # times what was drawn from: other pictures are not among those


def interval_by_groups(
    cells: Cells,
    stratum: NDArray[np.intp],
    event: NDArray[np.bool_],
    group: NDArray[np.intp],
) -> Interval | None:
    """The 95% interval of the share in `cells` if other groups had been there.

    The pictures of the domain have a `stratum` of the cells, an `event` that is so at most, and a
    `group`, all (k,). The sample counts as what it is worth: fewer pictures by the design effect
    (Kish, Survey Sampling, 1965) and by Student's t for so many groups (Korn and Graubard, Survey
    Methodology 1998). None where all are of one group.
    """
    groups, codes = np.unique(group, return_inverse=True)
    if len(groups) < 2:
        return None
    each = cells.sizes / np.maximum(cells.drawn, 1) / cells.sizes.sum()
    share = cells.most / np.maximum(cells.drawn, 1)
    residual = each[stratum] * (event - share[stratum])
    by_group = np.bincount(codes, weights=residual)
    spread = float(np.square(residual).sum())
    effect = 1.0
    if spread:
        many = len(groups) / (len(groups) - 1)
        effect = max(many * float(np.square(by_group).sum()) / spread, 1.0)
    events = int(event.sum())
    if min(events, len(event) - events) < FEW_EVENTS:
        size = float(np.square(np.bincount(codes)).sum()) / len(codes)
        effect = max(effect, 1 + (size - 1) * ASSUMED_CORRELATION)
    worth = (Z / t_quantile(LEVEL, len(groups) - 1)) ** 2 / effect
    low, high = interval(
        cells.least * worth,
        cells.most * worth,
        cells.drawn * worth,
        cells.sizes * _ENDLESS,
        cells.between / worth,
    )
    return float(low), float(high)
