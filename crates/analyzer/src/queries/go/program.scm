; Go has no roles here: its few node kinds are walked by hand in syntax/lower/go/.
