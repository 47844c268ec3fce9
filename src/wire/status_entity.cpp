#include <wire/storage.hpp>

#include <wire/json.hpp>
#include <wire/storage_headers.hpp>

namespace kusto::wire
{

storage_request insert_status(base::url const& status_table, status_entity const& entity,
                              std::string request_id, base::utc_time_point now)
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
    auto headers = storage_headers(std::move(request_id), now);
    headers.emplace_back("DataServiceVersion", "3.0");
    headers.emplace_back("Accept", "application/json;odata=nometadata");
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Prefer", "return-no-content");
    return storage_request(status_table, std::move(headers), json::serialize(body));
}

} // namespace kusto::wire
