#include <wire/ingestion_message.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

void add_tags(json::array& tags, std::vector<std::string> const& values, std::string_view prefix)
{
    for (auto const& value : values)
        tags.emplace_back(std::string(prefix) + value);
}

/// A JSON array as text, or nothing for an empty one.
std::string array_text(json::array const& items)
{
    return items.empty() ? std::string() : json::serialize(items);
}

std::string all_tags(write_options const& options)
{
    json::array tags;
    add_tags(tags, options.ingest_by_tags(), "ingest-by:");
    add_tags(tags, options.drop_by_tags(), "drop-by:");
    add_tags(tags, options.additional_tags(), "");
    return array_text(tags);
}

std::string if_not_exists_text(write_options const& options)
{
    json::array values;
    add_tags(values, options.ingest_if_not_exists(), "");
    return array_text(values);
}

std::string_view format_name(data_format format)
{
    return format == data_format::json ? "json" : "csv";
}

std::string_view mapping_kind(data_format format)
{
    return format == data_format::json ? "Json" : "Csv";
}

/// Sets a property unless its value is empty. Names differ regardless of case.
void set(json::object& properties, std::string_view name, std::string_view text)
{
    if (text.empty())
        return;
    for (auto it = properties.begin(); it != properties.end();)
    {
        std::string_view const key(it->key().data(), it->key().size());
        if (base::equal_ignoring_case(key, name))
            it = properties.erase(it);
        else
            ++it;
    }
    properties[name] = text;
}

} // namespace

ingestion_message::ingestion_message(write_options const& options, client_identity const& who)
    : database_(options.database()),
      table_(options.table()),
      mapping_name_(options.mapping_name()),
      mapping_format_(options.mapping_format()),
      tags_(all_tags(options)),
      if_not_exists_(if_not_exists_text(options)),
      application_(who.application()),
      version_(who.version()),
      flush_immediately_(options.flush_immediately())
{
}

ingestion_message& ingestion_message::batch(base::guid source_id, base::url blob,
                                            std::uint64_t raw_size, data_format format)
{
    source_id_ = source_id;
    blob_ = std::move(blob);
    raw_size_ = raw_size;
    format_ = format;
    return *this;
}

ingestion_message& ingestion_message::authorization_context(std::string token)
{
    authorization_context_ = std::move(token);
    return *this;
}

ingestion_message& ingestion_message::created(base::utc_time_point when)
{
    created_ = when;
    return *this;
}

ingestion_message& ingestion_message::status_in(base::url table, report_level level,
                                                report_method method)
{
    status_table_ = std::move(table);
    level_ = level;
    method_ = method;
    return *this;
}

ingestion_message& ingestion_message::property(std::string name, std::string value)
{
    properties_.emplace_back(std::move(name), std::move(value));
    return *this;
}

std::string ingestion_message::to_json() const
{
    auto const id = source_id_.to_string();
    json::object properties;
    for (auto const& [name, text] : properties_)
        set(properties, name, text);
    set(properties, "authorizationContext", authorization_context_);
    set(properties, "format", format_name(format_));
    if (!mapping_name_.empty())
    {
        set(properties, "ingestionMappingReference", mapping_name_);
        set(properties, "ingestionMappingType", mapping_kind(mapping_format_));
    }
    set(properties, "tags", tags_);
    set(properties, "ingestIfNotExists", if_not_exists_);

    json::object message;
    message["Id"] = id;
    message["BlobPath"] = blob_.with_secrets();
    if (raw_size_ != 0)
        message["RawDataSize"] = raw_size_;
    message["DatabaseName"] = database_;
    message["TableName"] = table_;
    message["RetainBlobOnSuccess"] = true;
    message["FlushImmediately"] = flush_immediately_;
    message["IgnoreSizeLimit"] = false;
    message["ReportLevel"] = static_cast<int>(level_);
    message["ReportMethod"] = static_cast<int>(method_);
    message["SourceMessageCreationTime"] = base::iso_text(created_);
    if (status_table_)
    {
        json::object status;
        status["TableConnectionString"] = status_table_->with_secrets();
        status["PartitionKey"] = id;
        status["RowKey"] = id;
        message["IngestionStatusInTable"] = std::move(status);
    }
    message["AdditionalProperties"] = std::move(properties);
    message["ApplicationForTracing"] = application_;
    message["ClientVersionForTracing"] = version_;
    return json::serialize(message);
}

} // namespace kusto::wire
