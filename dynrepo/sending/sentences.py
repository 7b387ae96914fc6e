"""DynamoDB's own sentences: those that are known, and what of each may be told.

A sentence can quote a key, an operand, an item or an account. Of one that stands here the parts
that name or limit are told, and `...` in the place of all others; of any other one nothing is.
The engines of tests say most of them, too.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

TOLD = {
    "attribute": r"[\w.#:$@-]{1,255}",
    "attributes": r"\[[\w.#:$@-]{1,255}(?:, [\w.#:$@-]{1,255}){0,99}\]",
    "index": r"[\w.-]{3,255}",
    "table": r"[\w.-]{3,255}",
    "parameter": r"[A-Za-z]{1,40}",
    "placeholder": r"[#:]\w{1,255}",
    "operator": r"[A-Za-z_<>=+-]{1,24}",
    "type": r"[A-Za-z_]{1,24}",
    "limit": r"\d{1,10}",
    "action": r"[A-Za-z]{1,40}",
    "constraint": (
        r"Member must have (?:length|value) (?:less|greater) than or equal to \d{1,10}"
        r"|Member must not be null"
        r"|Member must satisfy enum value set: \[[A-Z_0-9, ]{1,200}\]"
        r"|Member must satisfy regular expression pattern: \[a-zA-Z0-9_\.-\]\+"
        r"|Map value must satisfy constraint: \[Member must have length less than or equal to"
        r" \d{1,10}, Member must have length greater than or equal to \d{1,10}\]"
    ),
    "reason": (
        r"| because (?:no|an?) [a-z -]{1,40} policy allows the dynamodb:[A-Za-z]{1,40} action"
        r"| with an explicit deny in an? [a-z -]{1,40} policy"
    ),
}
"""What may be told, by the name of its place in a sentence."""

KEPT = {"...": r".*", "path": r"(?:\.[^' ]{1,500})?", "arn": r"\S{1,2048}"}
"""What may not. `...` is whatever stands there, and stands in a sentence once."""

OPENINGS = (
    "1 validation error detected: ",
    "One or more parameter values were invalid: ",
    "One or more parameter values are not valid. ",
    "ExpressionAttributeValues contains invalid value: ",
    "The provided starting key is invalid: ",
    *(
        f"Invalid {kind}Expression: "
        for kind in ("KeyCondition", "Filter", "Condition", "Update", "Projection")
    ),
)
"""What other sentences follow upon."""

_OF_KEYS_AND_VALUES = """
Missing the key {attribute} in the item
Type mismatch for key {attribute} expected: {type} actual: {type}
Type mismatch for Index Key {attribute} Expected: {type} Actual: {type} IndexName: {index}
The provided key element does not match the schema
The number of conditions on the keys is invalid
Cannot update attribute {attribute}. This attribute is part of the key
Size of hashkey has exceeded the maximum size limit of{limit} bytes
Size of hashkey has exceeded the maximum size limit of {limit} bytes
Aggregated size of all hash keys has exceeded the size limit of {limit} bytes
Aggregated size of all range keys has exceeded the size limit of {limit} bytes
The AttributeValue for a key attribute cannot contain an empty {type} value. Key: {attribute}
A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty {type} value. IndexName: {index}, IndexKey: {attribute}
The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty {type} value.
The update expression attempted to update the secondary index key to unsupported type
An AttributeValue may not contain an empty string
An AttributeValue may not contain an empty string. Key: {attribute}
An AttributeValue may not contain an empty string for key {placeholder}
An {type} set may not be empty
An {type} set  may not be empty
Binary sets should not be empty
Input collection contains duplicates
Input collection {...}of type {type} contains duplicates.
Input collection {...} contains duplicates.
Null attribute value types must have the value of true
Supplied AttributeValue is empty, must contain exactly one of the supported datatypes
Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key {placeholder}
Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes
Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes for key {placeholder}
The parameter cannot be converted to a numeric value
The parameter cannot be converted to a numeric value: {...}
A value provided cannot be converted into a number
Number overflow. Attempting to store a number with magnitude larger than supported range
Number underflow. Attempting to store a number with magnitude smaller than supported range
Attempting to store more than {limit} significant digits in a Number
Item size has exceeded the maximum allowed size
Item size to update has exceeded the maximum allowed size
Collection size exceeded.
Empty attribute name
Attribute name is too large, must be less than {limit} bytes
Nesting Levels have exceeded supported limits
Nesting Levels have exceeded supported limits: {...}
Attributes in the item have nested levels beyond supported limit
NUMBER_VALUE cannot be converted to String
"""  # noqa: E501 - a sentence is not broken

_OF_EXPRESSIONS = """
The expression can not be empty;
Syntax error; {...}
Expression size has exceeded the maximum allowed size;{...}
An expression attribute name used in the document path is not defined; attribute name: {placeholder}
An expression attribute value used in expression is not defined; attribute value: {placeholder}
Attribute name is a reserved keyword; reserved keyword: {attribute}
Incorrect operand type for operator or function; operator or function: {operator}, operand type: {type}
Incorrect operand type for operator or function; operator: {operator}, operand type: {type}
Incorrect operand type for operator or function; operator: {operator}, operand type: {type}, typeSet: {type}
Incorrect number of operands for operator or function; operator or function: {operator}, number of operands: {limit}
Operator or function requires a document path; operator or function: {operator}
The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {...}
The function is not allowed to be used this way in an expression; function: {operator}
The function is not allowed in an update expression; function: {operator}
Invalid function name; function: {...}
The expression has redundant parentheses;
The document path has too many nesting levels; nesting levels: {limit}
The IN operator is provided with too many operands; number of operands: {limit}
List index is not within the allowable range; index: [{limit}]
Two document paths overlap with each other; {...}
Two document paths conflict with each other; {...}
The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {...}
The BETWEEN operator requires same data type for lower and upper bounds; {...}
The "{operator}" section can only be used once in an update expression;
The document path provided in the update expression is invalid for update
The provided expression refers to an attribute that does not exist in the item
An operand in the update expression has an incorrect data type
Type mismatch for attribute to update
Value provided in {parameter} unused in expressions: keys: {...}
{parameter} contains invalid key: Syntax error; {...}
{parameter} must not be empty
{parameter} can only be specified when using expressions
{parameter} can only be specified when using expressions: {...}
Can not use both expression and non-expression parameters in the same request: {...}
"""  # noqa: E501 - a sentence is not broken

_OF_READS = """
Query condition missed key schema element
Query condition missed key schema element: {attribute}
Query key condition not supported
Invalid operator used in KeyConditionExpression: {operator}
KeyConditionExpressions must only contain one condition per key
KeyConditionExpressions cannot have conditions on nested attributes
KeyConditionExpressions cannot contain nested operations
Condition parameter type does not match schema type
Attempted conditional constraint is not an indexable operation
Filter Expression can only contain non-primary key attributes: Primary key attribute: {attribute}
Consistent reads are not supported on global secondary indexes
Secondary index {index} does not project one or more filter attributes: {attributes}
Global secondary index {index} does not project {attributes}
Select type ALL_ATTRIBUTES is not supported for global secondary index {index} because its projection type is not ALL
ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName
The provided starting key is invalid
The provided starting key is outside query boundaries based on provided conditions
The provided starting key does not match the range key predicate
Exclusive Start Key must have same size as table's key schema
Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: {limit} Segment: {limit}
The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {limit} is not less than TotalSegments: {limit}
The {parameter} parameter is required but was not present in the request when {parameter} parameter is present
The {parameter} parameter is required but was not present in the request when parameter {parameter} is present
"""  # noqa: E501 - a sentence is not broken

_OF_REQUESTS = """
Value at '{parameter}{path}' failed to satisfy constraint: {constraint}
Value {...} at '{parameter}{path}' failed to satisfy constraint: {constraint}
{limit} validation errors detected: {...}
The {parameter} parameter is required for {action}
The parameter '{parameter}' is required but was not present in the request
{parameter} must be at least {limit} characters long and at most {limit} characters long
Invalid table/index name.  {...}
ReturnValues can only be ALL_OLD or NONE
Return values set to invalid value
Provided list of item keys contains duplicates
Too many items requested for the {action} call
Transaction request cannot include multiple operations on one item
Transaction is ongoing for the item
TransactItems can only contain one of Check, Put, Update or Delete
The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical
"""  # noqa: E501 - a sentence is not broken

_OF_TABLES = """
Requested resource not found
Requested resource not found: Table: {table} not found
Requested resource not found: ResourcArn: {...} not found
Cannot do operations on a non-existent table
The table does not have the specified index
The table does not have the specified index: {index}
Invalid index: {index} for table: {table}. Available indexes are: {...}
Table already exists: {table}
Duplicate index name: {index}
Attempting to create an index which already exists
Attempt to change a resource which is still in use: {...}
Subscriber limit exceeded: Only {limit} online index can be created or deleted simultaneously per table
Subscriber limit exceeded: {...}
Invalid KeySchema: Some index key attribute have no definition
Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions
Some index key attributes are not defined in AttributeDefinitions. Keys: {...}
TimeToLive is already enabled
TimeToLive is already disabled
TimeToLive is active on a different AttributeName: current AttributeName is {attribute}
Time to live has been modified multiple times within a fixed interval
Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.
"""  # noqa: E501 - a sentence is not broken

_OF_LOAD = """
The level of configured provisioned throughput for the table was exceeded. {...}
The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. {...}
Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically scaling your index so please try again shortly.
Throughput exceeds the current throughput limit for your account. {...}
Rate of requests exceeds the allowed throughput.
Rate exceeded
Internal server error
"""  # noqa: E501 - a sentence is not broken

_OF_RIGHTS = """
User: {arn} is not authorized to perform: dynamodb:{action} on resource: {arn}:table/{table}/index/{index}{reason}
User: {arn} is not authorized to perform: dynamodb:{action} on resource: {arn}:table/{table}{reason}
User: {arn} is not authorized to perform: dynamodb:{action} on resource: {arn}{reason}
User: {arn} is not authorized to perform: dynamodb:{action} on resource: {arn}:table/{table}{reason}: {arn}
The security token included in the request is invalid.
The security token included in the request is expired
The request signature we calculated does not match the signature you provided. {...}
Signature expired: {...}
Signature not yet current: {...}
Request must contain either a valid (registered) AWS access key ID or X.509 certificate.
Missing Authentication Token
"""  # noqa: E501 - a sentence is not broken

SENTENCES = tuple(
    sentence
    for sentences in (
        _OF_KEYS_AND_VALUES,
        _OF_EXPRESSIONS,
        _OF_READS,
        _OF_REQUESTS,
        _OF_TABLES,
        _OF_LOAD,
        _OF_RIGHTS,
    )
    for sentence in sentences.strip().splitlines()
)
"""As templates, in which a place has the name of what stands there; a closer one comes first."""
