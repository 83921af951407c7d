"""Files that hold pictures: archives, tables and MNIST's own form. One module a kind."""

from batch_predict.storage.archives.archive import Archive, Label, Member, MemberError

__all__ = ["Archive", "Label", "Member", "MemberError"]
