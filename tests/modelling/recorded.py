"""Eight tables as others have written them: descriptions, and rows in DynamoDB JSON."""

from __future__ import annotations

from typing import Any, NamedTuple


class Recorded(NamedTuple):
    """What is known of a table."""

    description: dict[str, Any]
    rows: list[dict[str, Any]]
    time_to_live: dict[str, Any] | None = None


def described(table: str, key: str, *indexes: dict[str, Any], **types: str) -> dict[str, Any]:
    """A description: the attributes of the key in one text, the types of all that are keys."""
    definitions = [{"AttributeName": name, "AttributeType": types[name]} for name in types]
    return {
        "TableName": table,
        "TableStatus": "ACTIVE",
        "KeySchema": _elements(key),
        "AttributeDefinitions": definitions,
        "ItemCount": 1000,
        "GlobalSecondaryIndexes": [each for each in indexes if "IndexStatus" in each],
        "LocalSecondaryIndexes": [each for each in indexes if "IndexStatus" not in each],
    }


def index(name: str, key: str, *included: str, local: bool = False, all_: bool = True) -> Any:
    """An index in a description: of all attributes, of some, or of its keys only."""
    projection: dict[str, Any] = {"ProjectionType": "ALL" if all_ else "KEYS_ONLY"}
    if included:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(included)}
    described = {"IndexName": name, "KeySchema": _elements(key), "Projection": projection}
    return described if local else {**described, "IndexStatus": "ACTIVE"}


def _elements(key: str) -> list[dict[str, str]]:
    kinds = zip(key.split(), ("HASH", "RANGE"), strict=False)
    return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]


def expires(attribute: str) -> dict[str, Any]:
    """What DescribeTimeToLive answers."""
    return {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}


# PynamoDB: a DiscriminatorAttribute, UTCDateTimeAttribute, VersionAttribute, TTLAttribute,
# JSONAttribute, MapAttribute, UnicodeSetAttribute; None is not stored.
DEVICES = Recorded(
    described(
        "devices",
        "device_id",
        index("owner-index", "owner last_seen"),
        device_id="S",
        owner="S",
        last_seen="S",
    ),
    [
        {
            "device_id": {"S": f"0b9b1c9e-5a0c-4b1e-9d4e-0f2a6c7d8e{number:02d}"},
            "cls": {"S": "ThermoSensor"},
            "owner": {"S": f"grace.{number}"},
            "last_seen": {"S": f"2024-03-{number + 1:02d}T10:00:00.12345{number}+0000"},
            "settings": {"S": '{"interval": 30, "unit": "celsius"}'},
            "place": {"M": {"floor": {"N": str(number)}, "room": {"S": f"lab-{number}"}}},
            "celsius": {"N": f"{20 + number}.75"},
            "version": {"N": str(number + 1)},
            "expires": {"N": str(1735689600 + number)},
            **({"labels": {"SS": ["outdoor", "beta-test"]}} if number % 2 else {}),
        }
        for number in range(4)
    ]
    + [
        {
            "device_id": {"S": f"7c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e{number:02d}"},
            "cls": {"S": "WebCamera"},
            "owner": {"S": f"alan.{number}"},
            "last_seen": {"S": f"2024-04-{number + 1:02d}T10:00:00.000000+0000"},
            "resolution": {"L": [{"N": "1920"}, {"N": "1080"}]},
            "version": {"N": "7"},
        }
        for number in range(3)
    ],
    expires("expires"),
)

# boto3's resource: Decimals, sets, binaries, a local index.
INVOICES = Recorded(
    described(
        "billing-invoices",
        "customer number",
        index("by_due", "customer due", local=True),
        index("by_state", "state", all_=False),
        customer="S",
        number="N",
        due="S",
        state="S",
    ),
    [
        {
            "customer": {"S": f"CUST-{1000 + number}"},
            "number": {"N": str(58_201 + number)},
            "due": {"S": f"2024-0{number + 1}-28"},
            "state": {"S": "overdue" if number % 2 else "settled"},
            "total": {"N": f"1{number}9.95"},
            "rates": {"NS": ["0.07", "0.19"]},
            "tags": {"SS": [f"reverse-charge-{number}"]},
            "paid": {"BOOL": number % 2 == 0},
            "digest": {"B": b"\xde\xad\xbe\xef" * 4},
            "lines": {
                "L": [
                    {
                        "M": {
                            "sku": {"S": f"SKU-77{number}{line}"},
                            "quantity": {"N": str(line + 1)},
                            "price": {"N": f"{line + 12}.50"},
                            **({"discount": {"N": "0.1"}} if line else {}),
                        }
                    }
                    for line in range(number % 3 + 1)
                ]
            },
            **({"notes": {"L": [{"S": "called twice"}]}} if number > 4 else {}),
        }
        for number in range(8)
    ],
)

# dyntastic: Pydantic models; aware datetimes by isoformat, floats as Decimals, None as NULL.
ARTICLES = Recorded(
    described("Articles", "slug", slug="S"),
    [
        {
            "slug": {"S": f"how-to-{number}-things"},
            "author_id": {"S": f"5f0c7c2e-0d5b-4a3f-9c1d-2b3a4c5d6e{number:02d}"},
            "published": {"S": f"2024-05-0{number + 1}T08:30:00+00:00"},
            "subtitle": {"S": f"and {number} more"} if number % 2 else {"NULL": True},
            "score": {"N": f"4.{number}5"},
            "views_by_country": {"M": {f"c-{number}": {"N": "12"}, f"d-{number}": {"N": "90"}}},
            "related": {"L": []},
            "draft": {"BOOL": False},
        }
        for number in range(6)
    ],
)

# JavaScript's DocumentClient: camelCase, Date.now(), null, lists of objects.
CARTS = Recorded(
    described(
        "prod-shop-carts",
        "cartId",
        index("userId-updatedAt-index", "userId updatedAt"),
        cartId="S",
        userId="S",
        updatedAt="N",
    ),
    [
        {
            "cartId": {"S": f"cart_01HV{number}QZ8XK"},
            "userId": {"S": f"auth0|65f0{number}"},
            "updatedAt": {"N": str(1714550400123 + number * 1000)},
            "currency": {"S": "EUR"} if number else {"NULL": True},
            "coupon": {"NULL": True},
            "expiresAt": {"N": str(1714636800 + number)},
            "items": {
                "L": [
                    {
                        "M": {
                            "productId": {"S": f"prod-{number}{line}"},
                            "qty": {"N": str(line + 1)},
                            "unitPrice": {"N": "19.99"},
                            "giftMessage": {"S": "Happy birthday"} if line else {"NULL": True},
                            "dimensions": {"M": {"w": {"N": "10"}, "h": {"N": "20.5"}}},
                        }
                    }
                    for line in range(2)
                ]
            },
            "meta": {"M": {}},
            "flags": {"M": {"isGuest": {"BOOL": number == 0}}},
            "discount": {"N": "5"} if number % 2 else {"S": "FREESHIPPING"},
        }
        for number in range(5)
    ],
    {"TimeToLiveDescription": expires("expiresAt")},
)

# Go's attributevalue: names of exported fields, RFC3339Nano, time.Duration, nil slices as NULL.
JOBS = Recorded(
    described(
        "jobs", "ID", index("StatusIndex", "Status CreatedAt"), ID="S", Status="S", CreatedAt="S"
    ),
    [
        {
            "ID": {"S": f"job-9f86d081{number}"},
            "Status": {"S": "QUEUED" if number % 2 else "FINISHED"},
            "CreatedAt": {"S": f"2024-06-01T12:00:0{number}{fraction}Z"},
            "Timeout": {"N": str((number + 1) * 30_000_000_000)},
            "Attempts": {"N": str(number)},
            "Payload": {"B": "eyJrIjogInZhbHVlIn0="},
            "DependsOn": {"L": [{"S": "job-0000aaaa"}]} if number else {"NULL": True},
            "Env": {
                "M": {
                    f"{name}_{number}": {"S": f"s3cr3t-{name.lower()}"}
                    for name in ("API_KEY", "DB_URL", "REGION")
                }
            },
            "Result": {"M": {"ExitCode": {"N": "0"}, "Host": {"S": f"worker-{number}.internal"}}}
            if number % 2 == 0
            else {"NULL": True},
        }
        for number, fraction in enumerate(["", ".1", ".123456789", ".000000001"])
    ],
)

# Java's enhanced client: Instants, LocalDates, Durations in seconds, a version, nulls as NULL.
ACCOUNTS = Recorded(
    described(
        "CustomerAccount",
        "accountId",
        index("byEmail", "emailAddress", "tier"),
        accountId="S",
        emailAddress="S",
    ),
    [
        {
            "accountId": {"S": f"3d6f0a9c-1b2c-4d3e-8f4a-5b6c7d8e9f{number:02d}"},
            "emailAddress": {"S": f"katherine{number}@example.org"},
            "openedOn": {"S": f"2023-11-0{number + 1}"},
            "lastLogin": {"S": f"2024-02-01T07:45:1{number}.{'250' if number % 2 else '123456'}Z"},
            "sessionLength": {"N": "1800"},
            "tier": {"S": "PLATINUM"},
            "balance": {"N": "1024.00"},
            "locked": {"BOOL": False},
            "roles": {"SS": ["ROLE_ADMIN", "ROLE_AUDITOR"]},
            "address": {
                "M": {
                    "street": {"S": f"{number} Lovelace Lane"},
                    "postalCode": {"S": f"0810{number}"},
                    "geo": {"M": {"lat": {"N": "47.07"}, "lon": {"N": "15.43"}}},
                }
            }
            if number
            else {"NULL": True},
            "version": {"N": str(number + 3)},
        }
        for number in range(5)
    ],
)

# A single table: two entities, told by how their keys begin, and an overloaded index.
SHOP = Recorded(
    described(
        "shop", "PK SK", index("GSI1", "GSI1PK GSI1SK"), PK="S", SK="S", GSI1PK="S", GSI1SK="S"
    ),
    [
        {
            "PK": {"S": f"CUSTOMER#{number}77"},
            "SK": {"S": "PROFILE"},
            "GSI1PK": {"S": f"EMAIL#mary{number}@example.net"},
            "GSI1SK": {"S": f"CUSTOMER#{number}77"},
            "name": {"S": f"Mary Somerville {number}"},
            "joined": {"S": "2024-01-01T00:00:00.000000Z"},
        }
        for number in range(3)
    ]
    + [
        {
            "PK": {"S": f"CUSTOMER#{number}77"},
            "SK": {"S": f"ORDER#2024-07-0{number + 1}"},
            **(
                {"GSI1PK": {"S": "OPENORDERS"}, "GSI1SK": {"S": f"2024-07-0{number + 1}"}}
                if number
                else {}
            ),
            "amount": {"N": f"{number}49.90"},
            "lines": {"L": [{"M": {"sku": {"S": f"BOOK-{number}31"}, "n": {"N": "1"}}}]},
        }
        for number in range(4)
    ],
)

# Names that are no names in Python, or others' in a model.
ODD = Recorded(
    {"Table": described("2024_odd.table", "user-id class", **{"user-id": "S", "class": "N"})},
    [
        {
            "user-id": {"S": f"emmy-noether-{number}"},
            "class": {"N": str(number + 500)},
            "2fa": {"BOOL": True},
            "_private": {"S": f"hidden-{number}"},
            "größe": {"N": "181.5"},
            "日本": {"S": f"tokyo-{number}"},
            'say "hi"': {"S": f"greeting-{number}"},
            "it's\\here": {"S": f"backslash-{number}"},
            "line\nbreak": {"S": f"newline-{number}"},
            "model_config": {"S": f"config-{number}"},
            "copy": {"S": f"facsimile-{number}"},
            "date": {"S": f"2024-08-0{number + 1}"},
            "Date": {"S": f"2024-09-0{number + 1}"},
            "userId": {"N": f"{number}12.5"},
            "user_id": {"S": f"duplicate-{number}"},
            "items[0]": {"S": f"bracketed-{number}"},
            "an.attribute.with.a.name.that.is.longer.than.many.others": {
                "SS": [f"lengthy-{number}"]
            },
            "nested": {"M": {"is-it": {"BOOL": True}, "from": {"S": f"origin-{number}"}}},
        }
        for number in range(3)
    ],
)

TABLES = {
    "devices": DEVICES,
    "invoices": INVOICES,
    "articles": ARTICLES,
    "carts": CARTS,
    "jobs": JOBS,
    "customer_account": ACCOUNTS,
    "shop": SHOP,
    "odd": ODD,
}
