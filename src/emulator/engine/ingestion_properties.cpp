#include "ingestion_properties.hpp"

#include "json_reader.hpp"
#include "mapping.hpp"
#include "value_text.hpp"

#include <array>

namespace kusto::emulator::kql
{

namespace
{

[[noreturn]] void malformed(std::string const& name, std::string const& what)
{
    throw ingest_failure{"BadRequest_MalformedIngestionProperty",
                         "the ingestion property '" + name + "' is not " + what, true};
}

std::vector<std::string> string_array(std::string const& name, std::string const& text)
{
    std::vector<std::string> list;
    json_reader json;
    if (text.empty())
        return list;
    if (!json.read_all(text) || json.root().kind != json_reader::node_kind::array)
        malformed(name, "a JSON array of strings");
    for (auto const item : json.children(0))
    {
        if (json.at(item).kind != json_reader::node_kind::string)
            malformed(name, "a JSON array of strings");
        list.push_back(json.text(item));
    }
    return list;
}

bool flag(std::string const& name, std::string const& text)
{
    auto const value = parse_bool(text);
    if (!value)
        malformed(name, "a boolean");
    return *value;
}

/// Only `{"ValidationOptions":0}` and best effort let rows of other lengths pass.
bool strict_validation(std::string const& name, std::string const& text)
{
    json_reader json;
    if (!json.read_all(text) || json.root().kind != json_reader::node_kind::object)
        malformed(name, "a JSON object");
    auto const options = json.member_ignoring_case(0, "ValidationOptions");
    auto const implications = json.member_ignoring_case(0, "ValidationImplications");
    auto const is = [&](std::optional<std::size_t> index, char const* number, char const* word)
    { return index && (json.text(*index) == number || same_text(json.text(*index), word)); };
    return !is(options, "0", "DoNotValidate") && !is(implications, "1", "BestEffort");
}

/// Properties of the service that make no difference here.
bool without_effect(std::string const& name)
{
    constexpr std::array known{"authorizationcontext", "folder",         "docstring",
                               "policy_ingestiontime", "persistdetails", "treatgzasuncompressed"};
    for (char const* candidate : known)
        if (name == candidate)
            return true;
    return false;
}

void set_mapping(ingest_request& into, bool reference, char const* kind, std::string const& text)
{
    (reference ? into.mapping_reference : into.inline_mapping) = text;
    if (kind != nullptr)
        into.mapping_kind = kind;
}

bool apply_mapping(ingest_request& into, std::string const& name, std::string const& value)
{
    if (name == "ingestionmappingreference")
        set_mapping(into, true, nullptr, value);
    else if (name == "ingestionmapping")
        set_mapping(into, false, nullptr, value);
    else if (name == "ingestionmappingtype" || name == "ingestionmappingkind")
        into.mapping_kind = value;
    else if (name == "csvmappingreference" || name == "jsonmappingreference")
        set_mapping(into, true, name[0] == 'c' ? "Csv" : "Json", value);
    else if (name == "csvmapping" || name == "jsonmapping")
        set_mapping(into, false, name[0] == 'c' ? "Csv" : "Json", value);
    else
        return false;
    return true;
}

} // namespace

void apply_ingestion_properties(ingest_request& into,
                                std::map<std::string, std::string> const& properties)
{
    for (auto const& [name, value] : properties)
    {
        if (without_effect(name) || apply_mapping(into, name, value))
            continue;
        if (name == "format")
            into.format = value;
        else if (name == "tags")
            into.tags = string_array(name, value);
        else if (name == "ingestifnotexists")
            into.ingest_if_not_exists = string_array(name, value);
        else if (name == "creationtime")
            into.creation_time = value;
        else if (name == "ignorefirstrecord")
            into.ignore_first_record = flag(name, value);
        else if (name == "validationpolicy")
            into.validate_columns = strict_validation(name, value);
        else
            throw ingest_failure{
                "BadRequest_IngestionPropertyNotSupportedInThisContext",
                "the local cluster does not support the ingestion property '" + name + "'", true};
    }
}

} // namespace kusto::emulator::kql
