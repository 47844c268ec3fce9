#include <emulator/server/table_entity.hpp>

#include <boost/json.hpp>
#include <cmath>
#include <emulator/server/encoding.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

constexpr std::string_view type_suffix = "@odata.type";
constexpr std::size_t property_limit = 252;
constexpr std::size_t value_limit = 64 * 1024;
constexpr std::size_t key_limit = 1024;

storage_error invalid_input(std::string const& text)
{
    return storage_error(400, "InvalidInput", "One of the request inputs is not valid: " + text);
}

bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string default_type(json::value const& value)
{
    if (value.is_string())
        return "Edm.String";
    if (value.is_bool())
        return "Edm.Boolean";
    if (value.is_int64())
        return "Edm.Int32";
    if (value.is_double())
        return "Edm.Double";
    return {};
}

void check_value(std::string const& name, std::string const& type, json::value const& value)
{
    auto const text = value.is_string() ? std::string(value.as_string()) : std::string();
    bool valid = true;
    if (type == "Edm.Int64")
        valid = value.is_string() && parse_number(text).has_value();
    else if (type == "Edm.DateTime")
        valid = value.is_string() && parse_iso_time(text).has_value();
    else if (type == "Edm.Guid")
        valid = value.is_string() && text.size() == 36;
    else if (type == "Edm.Binary")
        valid = value.is_string() && base64_decode(text).has_value();
    else if (type == "Edm.Int32")
        valid = value.is_int64() && std::llabs(value.as_int64()) <= 2147483648LL;
    else if (type == "Edm.Double")
        valid = value.is_number() || text == "NaN" || text == "Infinity" || text == "-Infinity";
    else if (type == "Edm.Boolean")
        valid = value.is_bool();
    else if (type == "Edm.String")
        valid = value.is_string();
    else
        throw invalid_input("unknown type '" + type + "' of property '" + name + "'.");
    if (!valid)
        throw invalid_input("property '" + name + "' is not of type " + type + ".");
    if (text.size() > value_limit)
        throw storage_error(400, "PropertyValueTooLarge",
                            "The property value exceeds the maximum allowed size (64KB).");
}

void check_key(table_entity const& entity, char const* name)
{
    auto const* value = entity.values.if_contains(name);
    if (value == nullptr)
        return;
    if (!value->is_string())
        throw invalid_input(std::string(name) + " must be a string.");
    auto const& key = value->as_string();
    if (key.size() > key_limit || key.find_first_of("/\\#?") != json::string::npos)
        throw storage_error(400, "KeyValueTooLarge",
                            "The key is too long or has '/', '\\', '#', '?'.");
}

/// Splits off one filter token: quoted text with its prefix, or a word.
std::string next_token(std::string_view& text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    std::string out;
    bool quoted = false;
    while (!text.empty() && (quoted || text.front() != ' '))
    {
        if (text.front() == '\'')
            quoted = !quoted;
        out += text.front();
        text.remove_prefix(1);
    }
    if (quoted)
        throw invalid_input("unterminated text in $filter.");
    return out;
}

json::value parse_literal(std::string const& token)
{
    if (token == "true" || token == "false")
        return token == "true";
    auto const open = token.find('\'');
    if (open != std::string::npos)
    {
        auto const prefix = token.substr(0, open);
        bool const known = prefix.empty() || prefix == "guid" || prefix == "datetime";
        if (!known || token.back() != '\'' || token.size() < open + 2)
            throw invalid_input("$filter literal " + token);
        auto text = token.substr(open + 1, token.size() - open - 2);
        for (auto at = text.find("''"); at != std::string::npos; at = text.find("''", at + 1))
            text.erase(at, 1);
        return json::value(text);
    }
    json::error_code error;
    auto number = json::parse(token, error);
    if (error || !number.is_number())
        throw invalid_input("$filter literal " + token);
    return number;
}

template <class T>
bool compare(T const& a, std::string const& op, T const& b)
{
    if (op == "eq")
        return a == b;
    if (op == "ne")
        return a != b;
    if (op == "lt")
        return a < b;
    if (op == "le")
        return a <= b;
    return op == "gt" ? a > b : a >= b;
}

} // namespace

table_entity parse_entity(std::string_view body)
{
    json::error_code error;
    auto document = json::parse(json::string_view(body.data(), body.size()), error);
    if (error || !document.is_object())
        throw invalid_input("the body is not a JSON object.");
    table_entity out;
    for (auto const& [key, value] : document.as_object())
    {
        std::string const name(key);
        if (ends_with(name, type_suffix))
        {
            if (!value.is_string())
                throw invalid_input("'" + name + "' is not a string.");
            out.types[name.substr(0, name.size() - type_suffix.size())] =
                std::string(value.as_string());
        }
        else if (name.rfind("odata.", 0) != 0 && name != "Timestamp" && !value.is_null())
        {
            out.values[name] = value;
        }
    }
    for (auto const& [key, value] : out.values)
    {
        auto& type = out.types[std::string(key)];
        if (type.empty())
            type = default_type(value);
        check_value(std::string(key), type, value);
    }
    if (out.values.size() > property_limit + 2)
        throw storage_error(400, "TooManyProperties",
                            "The entity contains more properties than allowed.");
    check_key(out, "PartitionKey");
    check_key(out, "RowKey");
    return out;
}

json::object render_entity(table_entity const& entity, std::string const& account,
                           std::string const& table, odata_metadata level,
                           std::vector<std::string> const& select)
{
    json::object out;
    if (level != odata_metadata::none)
        out["odata.etag"] = entity.etag;
    if (level == odata_metadata::full)
    {
        auto const id = table + "(PartitionKey='" +
                        std::string(entity.values.at("PartitionKey").as_string()) + "',RowKey='" +
                        std::string(entity.values.at("RowKey").as_string()) + "')";
        out["odata.type"] = account + "." + table;
        out["odata.editLink"] = id;
    }
    auto const wanted = [&](std::string_view name)
    {
        bool found = select.empty();
        for (auto const& item : select)
            found = found || item == name;
        return found;
    };
    for (auto const& [key, value] : entity.values)
    {
        std::string const name(key);
        if (!wanted(name))
            continue;
        auto const& type = entity.types.at(name);
        bool const obvious = type == "Edm.String" || type == "Edm.Int32" || type == "Edm.Boolean" ||
                             (type == "Edm.Double" && value.is_double());
        if (level != odata_metadata::none && !obvious)
            out[name + std::string(type_suffix)] = type;
        out[name] = value;
    }
    if (wanted("Timestamp"))
    {
        if (level == odata_metadata::full)
            out["Timestamp@odata.type"] = "Edm.DateTime";
        out["Timestamp"] = entity.timestamp;
    }
    return out;
}

table_filter::table_filter(std::string_view text)
{
    for (;;)
    {
        comparison item;
        item.property = next_token(text);
        item.op = next_token(text);
        bool const known = item.op == "eq" || item.op == "ne" || item.op == "lt" ||
                           item.op == "le" || item.op == "gt" || item.op == "ge";
        if (!known)
            throw invalid_input("$filter: only comparisons joined by 'and' are simulated.");
        item.literal = parse_literal(next_token(text));
        comparisons_.push_back(std::move(item));
        auto const joint = next_token(text);
        if (joint.empty())
            return;
        if (joint != "and")
            throw invalid_input("$filter: only comparisons joined by 'and' are simulated.");
    }
}

bool table_filter::matches(table_entity const& entity) const
{
    for (auto const& item : comparisons_)
    {
        auto const* value = entity.values.if_contains(item.property);
        json::value const timestamp(entity.timestamp);
        if (item.property == "Timestamp")
            value = &timestamp;
        if (value == nullptr)
            return false;
        bool met = false;
        if (value->is_string() && item.literal.is_string())
            met = compare<std::string_view>(
                {value->as_string().data(), value->as_string().size()}, item.op,
                {item.literal.as_string().data(), item.literal.as_string().size()});
        else if (value->is_bool() && item.literal.is_bool())
            met = compare(value->as_bool(), item.op, item.literal.as_bool());
        else if (value->is_number() && item.literal.is_number())
            met = compare(value->to_number<double>(), item.op, item.literal.to_number<double>());
        else
            met = item.op == "ne";
        if (!met)
            return false;
    }
    return true;
}

} // namespace kusto::emulator
