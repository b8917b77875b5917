import threading


def all_at_once(test, work, workers):
    """Run ``work(number)`` for every worker at the same time; returns what they return.

    :param test: the test case, which fails when a worker does, or still waits after two minutes
    """
    start, answers = threading.Barrier(workers, timeout=30), [None] * workers

    def run(number):
        start.wait()
        answers[number] = work(number)

    threads = [threading.Thread(target=run, args=[n], daemon=True) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    test.assertNotIn(None, answers, "a worker failed or still waits")
    return answers
