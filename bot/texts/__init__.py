"""What every text must keep to: short plain sentences, and no forbidden claim."""
