#include <wire/storage.hpp>

#include <wire/json.hpp>
#include <wire/storage_headers.hpp>

namespace kusto::wire
{

namespace
{

header_list table_headers(std::string request_id, base::utc_time_point now)
{
    auto headers = storage_headers(std::move(request_id), now);
    headers.emplace_back("DataServiceVersion", "3.0");
    headers.emplace_back("Accept", "application/json;odata=nometadata");
    return headers;
}

storage_request writing(base::url target, status_entity const& entity, std::string request_id,
                        base::utc_time_point now)
{
    auto const id = entity.source_id.to_string();
    json::object body;
    body["PartitionKey"] = id;
    body["RowKey"] = id;
    body["Status"] = "Pending";
    body["Database"] = entity.database;
    body["Table"] = entity.table;
    body["IngestionSourceId"] = id;
    body["IngestionSourceId@odata.type"] = "Edm.Guid";
    body["IngestionSourcePath"] = entity.blob.without_query();
    body["UpdatedOn"] = base::iso_text(now);
    body["UpdatedOn@odata.type"] = "Edm.DateTime";
    auto headers = table_headers(std::move(request_id), now);
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Prefer", "return-no-content");
    return storage_request(std::move(target), std::move(headers), json::serialize(body));
}

base::url entity_url(base::url const& status_table, base::guid const& source_id)
{
    auto const id = source_id.to_string();
    auto path = status_table.path();
    while (path.ends_with('/'))
        path.pop_back();
    path.append("(PartitionKey='").append(id).append("',RowKey='").append(id).append("')");
    return status_table.with_target(std::move(path), status_table.query());
}

} // namespace

storage_request insert_status(base::url const& status_table, status_entity const& entity,
                              std::string request_id, base::utc_time_point now)
{
    return writing(status_table, entity, std::move(request_id), now);
}

storage_request reset_status(base::url const& status_table, status_entity const& entity,
                             std::string request_id, base::utc_time_point now)
{
    return writing(entity_url(status_table, entity.source_id), entity, std::move(request_id), now);
}

storage_request read_status(base::url const& status_table, base::guid const& source_id,
                            std::string request_id, base::utc_time_point now)
{
    return storage_request(entity_url(status_table, source_id),
                           table_headers(std::move(request_id), now));
}

} // namespace kusto::wire
