"""Every workload checks what it did: a wrong result is no measurement."""


def check(actual, expected):
    if actual != expected:
        raise RuntimeError(f"Cannot measure: the workload gave {actual} instead of {expected}")


def check_fibonacci(result, n):
    """Checks the nth Fibonacci number; gives how many calls it takes."""
    number, following = 0, 1
    for _ in range(n):
        number, following = following, number + following
    check(result, number)
    return 2 * following - 1


def check_results(results, n):
    """Checks the results of n jobs, which are 0, 1, 2 and so on; gives how many they are."""
    check(len(results), n)
    check(results[0], 0)
    check(results[-1], n - 1)
    return n


def longer(jobs):
    """Seconds to sleep for each of the jobs, so that none wakes before all sleep and their memory is counted, on a busy machine too."""
    return 1 + jobs / 2_000
