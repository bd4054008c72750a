"""The commands of `exoplan`, one file each."""
