#include "types.hpp"

#include <array>

namespace kusto::emulator::kql
{

namespace
{

struct spelling
{
    std::string_view name;
    kind type;
};

constexpr std::array spellings{
    spelling{"bool", kind::boolean},      spelling{"boolean", kind::boolean},
    spelling{"int", kind::int32},         spelling{"int32", kind::int32},
    spelling{"long", kind::int64},        spelling{"int64", kind::int64},
    spelling{"real", kind::real},         spelling{"double", kind::real},
    spelling{"decimal", kind::decimal},   spelling{"sqldecimal", kind::decimal},
    spelling{"datetime", kind::datetime}, spelling{"date", kind::datetime},
    spelling{"timespan", kind::timespan}, spelling{"time", kind::timespan},
    spelling{"guid", kind::guid},         spelling{"uuid", kind::guid},
    spelling{"uniqueid", kind::guid},     spelling{"string", kind::string},
    spelling{"dynamic", kind::dynamic},   spelling{"object", kind::dynamic},
};

engine_error make(std::string const& code, std::string const& type, std::string const& text)
{
    return engine_error(400, code, type, text);
}

} // namespace

std::optional<kind> parse_kind(std::string_view name)
{
    constexpr std::string_view dotnet_prefix = "System.";
    if (name.substr(0, dotnet_prefix.size()) == dotnet_prefix)
        name.remove_prefix(dotnet_prefix.size());
    for (auto const& entry : spellings)
        if (same_text(entry.name, name))
            return entry.type;
    return std::nullopt;
}

std::string_view kind_name(kind value) noexcept
{
    switch (value)
    {
    case kind::boolean:
        return "bool";
    case kind::int32:
        return "int";
    case kind::int64:
        return "long";
    case kind::real:
        return "real";
    case kind::decimal:
        return "decimal";
    case kind::datetime:
        return "datetime";
    case kind::timespan:
        return "timespan";
    case kind::guid:
        return "guid";
    case kind::string:
        return "string";
    case kind::dynamic:
        return "dynamic";
    }
    return "string";
}

std::string_view dotnet_name(kind value) noexcept
{
    switch (value)
    {
    case kind::boolean:
        return "Boolean";
    case kind::int32:
        return "Int32";
    case kind::int64:
        return "Int64";
    case kind::real:
        return "Double";
    case kind::decimal:
        return "SqlDecimal";
    case kind::datetime:
        return "DateTime";
    case kind::timespan:
        return "TimeSpan";
    case kind::guid:
        return "Guid";
    case kind::string:
        return "String";
    case kind::dynamic:
        return "Object";
    }
    return "String";
}

bool same_text(std::string_view left, std::string_view right) noexcept
{
    if (left.size() != right.size())
        return false;
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        auto const fold = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
        if (fold(left[i]) != fold(right[i]))
            return false;
    }
    return true;
}

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = char(c + 32);
    return result;
}

engine_error syntax_error(std::string const& text)
{
    return make("SYN0002", "Kusto.Data.Exceptions.SyntaxException",
                "Syntax error: SYN0002: " + text);
}

engine_error semantic_error(std::string const& text)
{
    return semantic_error("SEM0100", text);
}

engine_error semantic_error(std::string const& code, std::string const& text)
{
    return make(code, "Kusto.Data.Exceptions.SemanticException",
                "Semantic error: " + code + ": " + text);
}

engine_error not_supported(std::string const& text)
{
    return make("General_NotSupported", "Kusto.Data.Exceptions.KustoBadRequestException",
                "The local cluster does not support " + text);
}

engine_error entity_not_found(std::string const& text)
{
    return make("BadRequest_EntityNotFound", "Kusto.Data.Exceptions.EntityNotFoundException", text);
}

engine_error bad_request(std::string const& text)
{
    return make("General_BadRequest", "Kusto.Data.Exceptions.KustoBadRequestException", text);
}

} // namespace kusto::emulator::kql
