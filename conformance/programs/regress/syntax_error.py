"""A shopping list that never starts: the file does not parse."""

prices = {"apple": 3, "bread": 4, "cheese": 12}


def total(basket):
    result = 0
    for name, count in basket.items():
        result += prices[name] * count
    return result


def report(basket):
    print("this is never reached")
    for name in sorted(basket):
        print(f"{name:<10}{basket[name]:>3}")
    if total(basket) > 20
        print("expensive")
    return total(basket)


report({"apple": 2, "cheese": 1})
