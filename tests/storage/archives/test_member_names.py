"""Names of members that lead nowhere but into their archive."""

import pytest

from batch_predict.records import Code
from batch_predict.storage.archives.member_names import below


@pytest.mark.parametrize(
    ("name", "path", "code"),
    [
        pytest.param("7/a.png", "7/a.png", None, id="plain"),
        pytest.param("./7//./a.png", "7/a.png", None, id="parts that say nothing"),
        pytest.param("a..png", "a..png", None, id="dots in a name"),
        pytest.param("c:a.png", "c:a.png", None, id="a colon"),
        pytest.param("../a.png", "(..)/a.png", Code.UNSUPPORTED, id="up"),
        pytest.param("7/../../a.png", "7/(..)/(..)/a.png", Code.UNSUPPORTED, id="up from below"),
        pytest.param("//etc/a.png", "(root)/etc/a.png", Code.UNSUPPORTED, id="absolute"),
        pytest.param("C:/a.png", "(C:)/a.png", Code.UNSUPPORTED, id="of a drive"),
        pytest.param("c:\\a.png", "(c:)/\\a.png", Code.UNSUPPORTED, id="the same by Windows"),
        pytest.param("./", "(no name)", Code.CORRUPT, id="none"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, path: str, code: Code | None) -> None:
    found, fault = below(name)
    assert found == path
    assert (fault and fault.code) == code
