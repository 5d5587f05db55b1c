#!/usr/bin/env python3
"""Computes quarterly statistics of stakes from quarters.scenario by the words of the rule alone.

A stake counts once, with its full sum, in every event, championship and sport that it contains;
beside it, of which combined and of which refunded; a total counts distinct stakes. The quarter is
that of the moment at which the organiser accepted the stake, in the time of Almaty. What arrives
later than ten days after the quarter's end is a difference under the day on which it arrived.

Usage: quarters.py < quarters.scenario > quarters.golden
"""
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta

ALMATY = timedelta(hours=5)


def day(text):
    return (datetime.fromisoformat(text) + ALMATY).date()


def final_after(year, quarter):
    first_of_next = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return first_of_next - timedelta(days=1) + timedelta(days=10)


def main():
    events, stakes, refunds = {}, {}, {}
    sums = defaultdict(lambda: [0] * 6)

    def count(stake, arrived, values):
        made, organiser, legs = stake["made"], stake["organiser"], stake["legs"]
        quarter = (made.month + 2) // 3
        late = arrived > final_after(made.year, quarter)
        subjects = {("total", 0)}
        for leg in legs:
            championship, sport = events[leg]
            subjects |= {("event", leg), ("championship", championship), ("sport", sport)}
        for kind, number in subjects:
            difference = arrived.isoformat() if late else "-"
            row = sums[made.year, quarter, difference, organiser, kind, number]
            for index, value in enumerate(values):
                row[index] += value

    for line in sys.stdin:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "event":
            events[int(words[1])] = int(words[3]), int(words[4])
        elif words[0] == "stake":
            legs = [int(leg) for leg in words[6].split(",")]
            amount, combined = int(words[5]), int(len(legs) > 1)
            stake = {"made": day(words[2]), "organiser": int(words[4]), "legs": legs}
            stakes[words[1]] = stake
            count(stake, day(words[3]), [1, amount, combined, combined * amount, 0, 0])
        elif words[0] == "settle":
            name, refund = words[1], int(words[4])
            before = refunds.get(name, 0)
            refunds[name] = refund
            values = [0, 0, 0, 0, int(refund > 0) - int(before > 0), refund - before]
            count(stakes[name], day(words[2]), values)

    for key in sorted(sums):
        if any(sums[key]):
            print(*key, *sums[key])


main()
