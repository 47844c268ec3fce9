#include <emulator/permissions.hpp>

#include "lexer.hpp"
#include "types.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace kusto::emulator
{

namespace
{

using kql::lexer;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) noexcept
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Words joined by hyphens, in lower case.
std::string verb_of(lexer& in)
{
    std::string verb = kql::lower(in.take().text);
    while (in.take_symbol("-"))
        verb += "-" + kql::lower(in.take().text);
    return verb;
}

/// `table NAME word`: the word behind the name, in lower case; empty when it is something else.
std::string table_aspect(lexer& in)
{
    if (!in.take_word("table"))
        return {};
    in.name();
    if (in.take_symbol("."))
        in.name();
    return kql::lower(in.peek().text);
}

/// What an ingestor may do with the engine.
bool ingests(std::string const& verb, lexer& in)
{
    if (is_one_of(verb, {"ingest", "append"}))
        return true;
    auto const aspect = table_aspect(in);
    if (verb == "show")
        return is_one_of(aspect, {"schema", "cslschema"});
    return aspect == "ingestion" && is_one_of(verb, {"create", "alter", "create-or-alter", "drop"});
}

bool allows_command(principal_role role, lexer& in)
{
    bool const ingestor = role == principal_role::ingestor;
    auto const verb = verb_of(in);
    if (verb == "get")
        return ingestor;
    if (verb == "show" && in.take_word("ingestion"))
        return in.is_word("resources") == ingestor;
    return ingestor ? ingests(verb, in) : verb == "show";
}

} // namespace

bool is_allowed(principal_role role, std::string_view text)
{
    if (role == principal_role::admin)
        return true;
    try
    {
        lexer in(text);
        if (in.take_symbol("."))
            return allows_command(role, in);
        return role == principal_role::viewer;
    }
    catch (engine_error const&)
    {
        return true; // not well-formed: the engine will say what is wrong
    }
}

} // namespace kusto::emulator
