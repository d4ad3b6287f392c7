def write(program, round_):
    pass
