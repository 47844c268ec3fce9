#include "ingestion_message.hpp"

#include "json_reader.hpp"
#include "mapping.hpp"
#include "value_text.hpp"

#include <base/base64.hpp>

namespace kusto::emulator::kql
{

namespace
{

using node_kind = json_reader::node_kind;

[[noreturn]] void corrupted(std::string const& what)
{
    throw ingest_failure{"BadRequest_CorruptedMessage",
                         "the ingestion message is not valid: " + what, true};
}

/// The members of one object of the message; null counts as absent.
class members
{
public:
    members(json_reader const& json, std::size_t object) : json_(json), object_(object) {}

    std::optional<std::size_t> find(char const* name) const
    {
        auto const index = json_.member_ignoring_case(object_, name);
        if (!index || json_.at(*index).kind == node_kind::null)
            return std::nullopt;
        return index;
    }

    std::string text(char const* name) const
    {
        auto const index = find(name);
        if (!index)
            return {};
        if (json_.at(*index).kind != node_kind::string)
            corrupted(std::string(name) + " is not a string");
        return json_.text(*index);
    }

    bool flag(char const* name) const
    {
        auto const index = find(name);
        if (!index)
            return false;
        if (json_.at(*index).kind != node_kind::boolean)
            corrupted(std::string(name) + " is not a boolean");
        return json_.at(*index).raw == "true";
    }

    std::optional<std::uint64_t> size(char const* name) const
    {
        auto const index = find(name);
        if (!index)
            return std::nullopt;
        auto const value = parse_integer(json_.at(*index).raw);
        if (json_.at(*index).kind != node_kind::number || !value || *value < 0)
            corrupted(std::string(name) + " is not a size");
        if (*value == 0)
            return std::nullopt;
        return static_cast<std::uint64_t>(*value);
    }

    /// A number, or one of the names in that order.
    int choice(char const* name, std::initializer_list<std::string_view> names) const
    {
        auto const index = find(name);
        if (!index)
            return 0;
        std::string const value = json_.text(*index);
        int number = 0;
        for (auto const candidate : names)
        {
            if (same_text(candidate, value) || value == std::to_string(number))
                return number;
            ++number;
        }
        corrupted(std::string(name) + " cannot be '" + value + "'");
    }

private:
    json_reader const& json_;
    std::size_t object_;
};

void read_status_entity(ingestion_message& into, json_reader const& json, members const& from)
{
    auto const index = from.find("IngestionStatusInTable");
    if (!index)
        return;
    if (json.at(*index).kind != node_kind::object)
        corrupted("IngestionStatusInTable is not an object");
    members const entity(json, *index);
    into.status_table_url = entity.text("TableConnectionString");
    into.partition_key = entity.text("PartitionKey");
    into.row_key = entity.text("RowKey");
    if (into.status_table_url.empty() || into.partition_key.empty() || into.row_key.empty())
        corrupted("IngestionStatusInTable is incomplete");
}

void read_properties(ingestion_message& into, json_reader const& json, members const& from)
{
    auto const index = from.find("AdditionalProperties");
    if (!index)
        return;
    if (json.at(*index).kind != node_kind::object)
        corrupted("AdditionalProperties is not an object");
    for (auto const member : json.children(*index))
    {
        auto const& node = json.at(member);
        if (node.kind == node_kind::null)
            continue;
        std::string const name = lower(json_unescape(node.key));
        if (node.kind != node_kind::string && node.kind != node_kind::boolean)
            corrupted("the additional property '" + name + "' is not a string");
        if (!into.properties.emplace(name, json.text(member)).second)
            corrupted("the additional property '" + name + "' is given twice");
    }
}

bool has_ingest_by(std::string const& tags)
{
    return lower(tags).find("\"ingest-by:") != std::string::npos;
}

} // namespace

std::string ingestion_message::property(std::string const& name) const
{
    auto const found = properties.find(name);
    return found == properties.end() ? std::string() : found->second;
}

bool ingestion_message::alone() const
{
    return !raw_size || has_ingest_by(property("tags")) || !property("ingestifnotexists").empty();
}

std::string ingestion_message::batch_key() const
{
    std::string key = json_string(lower(database)) + json_string(table);
    for (auto const& [name, value] : properties)
        if (name != "authorizationcontext")
            key += json_string(name) + json_string(value);
    return key;
}

ingestion_message parse_message(std::string_view text)
{
    auto decoded = base::base64_decode(text);
    if (!decoded)
        corrupted("it is not base64");
    while (!decoded->empty() && decoded->back() == '\0')
        decoded->pop_back();
    json_reader json;
    if (!json.read_all(*decoded))
        corrupted("it is not JSON: " + json.error());
    if (json.root().kind != node_kind::object)
        corrupted("it is not a JSON object");
    members const from(json, 0);
    ingestion_message message;
    auto const id = parse_guid(from.text("Id"));
    if (!id)
        corrupted("Id is not a GUID");
    message.id = *id;
    message.blob_url = from.text("BlobPath");
    message.raw_size = from.size("RawDataSize");
    message.database = from.text("DatabaseName");
    message.table = from.text("TableName");
    message.retain_blob = from.flag("RetainBlobOnSuccess");
    message.flush_immediately = from.flag("FlushImmediately");
    int const level = from.choice("ReportLevel", {"FailuresOnly", "None", "FailuresAndSuccesses"});
    int const method =
        from.choice("ReportMethod", {"Queue", "Table", "QueueAndTable", "AzureMonitoring"});
    message.level = static_cast<report_level>(level);
    message.method = static_cast<report_method>(method);
    read_status_entity(message, json, from);
    read_properties(message, json, from);
    return message;
}

} // namespace kusto::emulator::kql
