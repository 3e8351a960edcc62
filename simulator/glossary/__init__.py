"""What every name that users meet stands for: assumptions, options, estimates, levers, words."""
