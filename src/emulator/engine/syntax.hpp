#pragma once

#include "types.hpp"

#include <memory>

/// What the parser makes of a query, before names and types are resolved.
namespace kusto::emulator::kql::syntax
{

struct expression;
using expression_ptr = std::unique_ptr<expression>;

struct expression
{
    enum class form : std::uint8_t
    {
        literal, ///< `value` of `type`
        name,    ///< `text`
        member,  ///< `arguments[0]`.`text`
        index,   ///< `arguments[0]`[`arguments[1]`]
        unary,   ///< `text` is the operator
        binary,  ///< `text` is the operator
        among,   ///< `in` and its variants: the operand, then the list
        between, ///< operand, low, high; `text` is `between` or `!between`
        call     ///< `text` is the function
    };
    form shape = form::literal;
    std::string text;
    cell value;
    kind type = kind::string;
    std::vector<expression_ptr> arguments;
};

struct named_expression
{
    std::string name; ///< empty: to be derived
    expression_ptr value;
};

struct sort_key
{
    expression_ptr value;
    bool ascending = false;
    bool nulls_first = false;
};

struct operation
{
    enum class verb : std::uint8_t
    {
        count,
        take,
        where,
        project,
        project_away,
        extend,
        distinct,
        summarize,
        sort,
        top
    };
    verb what = verb::count;
    expression_ptr predicate;
    std::int64_t limit = 0;
    bool all_columns = false; ///< `distinct *`
    std::vector<named_expression> items;
    std::vector<named_expression> groups;
    std::vector<sort_key> keys;
};

struct query
{
    std::string database; ///< empty: the one of the request
    std::string table;    ///< empty: `print`
    std::vector<named_expression> print;
    std::vector<operation> operations;
    bool no_truncation = false;
};

} // namespace kusto::emulator::kql::syntax
