"""An optimiser for Keisei: signs of averaged gradients."""
