#include <emulator/server/table_service.hpp>

#include <boost/json.hpp>
#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

constexpr std::int64_t page_limit = 1000;

odata_metadata metadata_level(storage_call const& call)
{
    auto const accept = lower_case(call.http.headers.get("Accept"));
    if (accept.find("application/json") == std::string::npos)
        throw storage_error(415, "AtomFormatNotSupported",
                            "Atom format is not supported. Accept must be application/json.");
    if (accept.find("odata=nometadata") != std::string::npos)
        return odata_metadata::none;
    return accept.find("odata=fullmetadata") != std::string::npos ? odata_metadata::full
                                                                  : odata_metadata::minimal;
}

char const* content_type(odata_metadata level)
{
    switch (level)
    {
    case odata_metadata::none:
        return "application/json;odata=nometadata";
    case odata_metadata::full:
        return "application/json;odata=fullmetadata";
    case odata_metadata::minimal:
        break;
    }
    return "application/json;odata=minimalmetadata";
}

/// `PartitionKey='a''b',RowKey='c'`, decoded already.
std::pair<std::string, std::string> parse_keys(std::string_view text)
{
    auto const take = [&](std::string_view prefix)
    {
        std::string out;
        if (text.substr(0, prefix.size()) != prefix)
            throw storage_error(400, "InvalidUri", "The requested URI does not address an entity.");
        text.remove_prefix(prefix.size());
        while (!text.empty())
        {
            if (text.front() == '\'')
            {
                text.remove_prefix(1);
                if (text.empty() || text.front() != '\'')
                    return out;
            }
            out += text.front();
            text.remove_prefix(1);
        }
        throw storage_error(400, "InvalidUri", "A key of the requested entity is not terminated.");
    };
    auto partition = take("PartitionKey='");
    auto row = take(",RowKey='");
    if (!text.empty())
        throw storage_error(400, "InvalidUri", "The requested URI does not address an entity.");
    return {std::move(partition), std::move(row)};
}

std::vector<std::string> selected(storage_call const& call)
{
    std::vector<std::string> out;
    auto text = call.query.get("$select");
    while (!text.empty())
    {
        auto const comma = text.find(',');
        out.push_back(text.substr(0, comma));
        text = comma == std::string::npos ? std::string() : text.substr(comma + 1);
    }
    return out;
}

std::string method_of(storage_call const& call)
{
    auto const override = call.http.headers.get("X-HTTP-Method");
    bool const merge = call.http.method == "POST" && equal_no_case(override, "MERGE");
    return merge || call.http.method == "PATCH" ? "MERGE" : call.http.method;
}

storage_error resource_not_found()
{
    return storage_error(404, "ResourceNotFound", "The specified resource does not exist.");
}

void check_etag(storage_call const& call, std::string const& etag)
{
    auto const given = call.http.headers.get("If-Match");
    if (!given.empty() && given != "*" && given != etag)
        throw storage_error(412, "UpdateConditionNotSatisfied",
                            "The update condition specified in the request was not satisfied.");
}

} // namespace

void table_service::create_table(std::string const& account, std::string const& name)
{
    std::lock_guard const lock(mutex_);
    tables_[table_key(account, lower_case(name))];
}

bool table_service::has_table(std::string const& account, std::string const& name) const
{
    std::lock_guard const lock(mutex_);
    return tables_.count(table_key(account, lower_case(name))) != 0;
}

sas_need table_service::need(storage_call const& call) const
{
    auto const method = method_of(call);
    if (!call.has_tail && method == "POST")
        return {"a"};
    if (method == "GET")
        return {"r"};
    if (call.has_tail && !call.tail.empty())
    {
        if (method == "DELETE")
            return {"d"};
        if (method == "MERGE" || method == "PUT")
            return call.http.headers.has("If-Match") ? sas_need{"u"} : sas_need{{}, "au"};
    }
    throw unsupported_verb();
}

response table_service::handle(storage_call& call)
{
    auto const method = method_of(call);
    if (method == "POST")
        return insert(call);
    if (method == "GET")
        return call.tail.empty() ? query(call) : get(call);
    return method == "DELETE" ? remove(call) : write(call, method == "PUT");
}

table_service::table& table_service::find_table(storage_call const& call)
{
    auto const found =
        tables_.find(table_key(call.target.account, lower_case(call.target.resource)));
    if (found == tables_.end())
        throw storage_error(404, "TableNotFound", "The table specified does not exist.");
    return found->second;
}

void table_service::stamp(table_entity& entity, system_time now)
{
    entity.timestamp = iso_time(now, true);
    entity.etag = "W/\"datetime'" + percent_encode(entity.timestamp) + "'\"";
}

response table_service::insert(storage_call& call)
{
    auto const level = metadata_level(call);
    auto entity = parse_entity(call.http.body);
    auto const* partition = entity.values.if_contains("PartitionKey");
    auto const* row = entity.values.if_contains("RowKey");
    if (partition == nullptr || row == nullptr)
        throw storage_error(400, "PropertiesNeedValue",
                            "The values are not specified for all properties in the entity.");
    entity_key const key(partition->as_string(), row->as_string());
    stamp(entity, call.now);
    response answer;
    answer.headers.add("ETag", entity.etag);
    bool const silent = equal_no_case(call.http.headers.get("Prefer"), "return-no-content");
    answer.status = silent ? 204 : 201;
    if (silent)
    {
        answer.headers.add("Preference-Applied", "return-no-content");
    }
    else
    {
        answer.headers.add("Content-Type", content_type(level));
        answer.body = json::serialize(
            render_entity(entity, call.target.account, call.target.resource, level, {}));
    }
    std::lock_guard const lock(mutex_);
    if (!find_table(call).emplace(key, std::move(entity)).second)
        throw storage_error(409, "EntityAlreadyExists", "The specified entity already exists.");
    return answer;
}

response table_service::get(storage_call const& call)
{
    auto const level = metadata_level(call);
    auto const key = parse_keys(call.tail);
    std::lock_guard const lock(mutex_);
    auto const& rows = find_table(call);
    auto const found = rows.find(key);
    if (found == rows.end())
        throw resource_not_found();
    response answer;
    answer.headers.add("Content-Type", content_type(level));
    answer.headers.add("ETag", found->second.etag);
    answer.body = json::serialize(render_entity(found->second, call.target.account,
                                                call.target.resource, level, selected(call)));
    return answer;
}

response table_service::write(storage_call& call, bool replace)
{
    auto const key = parse_keys(call.tail);
    auto entity = parse_entity(call.http.body);
    entity.values["PartitionKey"] = key.first;
    entity.values["RowKey"] = key.second;
    entity.types["PartitionKey"] = entity.types["RowKey"] = "Edm.String";
    bool const must_exist = call.http.headers.has("If-Match");
    std::lock_guard const lock(mutex_);
    auto& rows = find_table(call);
    auto const found = rows.find(key);
    if (must_exist && found == rows.end())
        throw resource_not_found();
    if (found != rows.end())
        check_etag(call, found->second.etag);
    auto& target = rows[key];
    if (replace)
    {
        target.values.clear();
        target.types.clear();
    }
    for (auto const& [name, value] : entity.values)
    {
        target.values[name] = value;
        target.types[std::string(name)] = entity.types[std::string(name)];
    }
    stamp(target, call.now);
    response answer;
    answer.status = 204;
    answer.headers.add("ETag", target.etag);
    return answer;
}

response table_service::remove(storage_call const& call)
{
    if (!call.http.headers.has("If-Match"))
        throw missing_header("If-Match");
    auto const key = parse_keys(call.tail);
    std::lock_guard const lock(mutex_);
    auto& rows = find_table(call);
    auto const found = rows.find(key);
    if (found == rows.end())
        throw resource_not_found();
    check_etag(call, found->second.etag);
    rows.erase(found);
    response answer;
    answer.status = 204;
    return answer;
}

response table_service::query(storage_call const& call)
{
    auto const level = metadata_level(call);
    std::optional<table_filter> filter;
    if (auto const* text = call.query.find("$filter"); text != nullptr && !text->empty())
        filter.emplace(*text);
    auto const* top_text = call.query.find("$top");
    auto const top = top_text != nullptr ? parse_number(*top_text) : page_limit;
    if (!top || *top < 1 || *top > page_limit)
        throw invalid_parameter("$top", *top_text, "Must be 1 to 1000.");
    entity_key const from(call.query.get("NextPartitionKey"), call.query.get("NextRowKey"));
    auto const columns = selected(call);
    response answer;
    json::array values;
    std::lock_guard const lock(mutex_);
    auto const& rows = find_table(call);
    for (auto entry = rows.lower_bound(from); entry != rows.end(); ++entry)
    {
        if (filter && !filter->matches(entry->second))
            continue;
        if (static_cast<std::int64_t>(values.size()) == *top)
        {
            answer.headers.add("x-ms-continuation-NextPartitionKey", entry->first.first);
            answer.headers.add("x-ms-continuation-NextRowKey", entry->first.second);
            break;
        }
        values.push_back(render_entity(entry->second, call.target.account, call.target.resource,
                                       level, columns));
    }
    json::object root;
    root["value"] = std::move(values);
    answer.headers.add("Content-Type", content_type(level));
    answer.body = json::serialize(root);
    return answer;
}

void table_service::merge(sas_target const& target, std::string const& partition_key,
                          std::string const& row_key,
                          std::map<std::string, std::string> const& properties, system_time now)
{
    std::lock_guard const lock(mutex_);
    auto const found = tables_.find(table_key(target.account, lower_case(target.resource)));
    if (found == tables_.end())
        return;
    auto& entity = found->second[entity_key(partition_key, row_key)];
    auto const set = [&](std::string const& name, json::value value, char const* type)
    {
        entity.values[name] = std::move(value);
        entity.types[name] = type;
    };
    set("PartitionKey", json::value(partition_key), "Edm.String");
    set("RowKey", json::value(row_key), "Edm.String");
    for (auto const& [name, value] : properties)
    {
        if (name == "OriginatesFromUpdatePolicy")
            set(name, value == "true" || value == "True", "Edm.Boolean");
        else if (name == "UpdatedOn" && parse_iso_time(value))
            set(name, json::value(value), "Edm.DateTime");
        else
            set(name, json::value(value), "Edm.String");
    }
    stamp(entity, now);
}

} // namespace kusto::emulator
