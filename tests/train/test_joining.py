import numpy as np
import pytest

from train.joining import fit_joint_rule


def answers(rng, labels, right, width):
    """Answers of 0.9 for the label, or where they are not right for the next one."""
    told = np.where(rng.random(len(labels)) < right, labels, (labels + 1) % 10)
    return (np.eye(width)[told] * 0.9 + 0.1 / width).astype(np.float32)


@pytest.mark.parametrize(
    ("classifier_right", "head_right", "least", "most"),
    [
        pytest.param(0.99, 0.5, 0.7, 1.0, id="the classifier is better"),
        pytest.param(0.5, 0.99, 0.0, 0.3, id="the ink network is better"),
        pytest.param(0.9, 0.9, 0.3, 0.7, id="as good as each other"),
    ],
)
def test_the_better_weighs_more(classifier_right, head_right, least, most):
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=2000)
    classifier = answers(rng, labels, classifier_right, 10)
    head = answers(rng, labels, head_right, 12)
    assert least <= fit_joint_rule(classifier, head, labels).classifier_weight <= most
