"""Files that hold pictures: archives, tables and MNIST's own form. One module a kind."""

from batch_predict.storage.archives.archive import Archive, Label, Member, MemberError
from batch_predict.storage.archives.kinds import KINDS, open_archive

__all__ = ["KINDS", "Archive", "Label", "Member", "MemberError", "open_archive"]
