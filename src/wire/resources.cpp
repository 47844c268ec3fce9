#include <wire/resources.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/percent.hpp>
#include <wire/http.hpp>

namespace kusto::wire
{

namespace
{

failure bad_reply(std::string const& host, errc code, std::string message)
{
    failure why(code, stage::resources, std::move(message));
    why.host(host);
    return why;
}

/// Column by name; by position where an old service names it otherwise.
std::size_t column_or(table const& rows, std::string_view name, std::size_t fallback)
{
    auto const& columns = rows.columns();
    for (std::size_t i = 0; i < columns.size(); ++i)
    {
        if (base::equal_ignoring_case(columns[i].name, name))
            return i;
    }
    return fallback;
}

std::string_view text_at(table const& rows, std::size_t row, std::size_t column)
{
    auto const& cell = rows.row(row)[column];
    return cell.kind() == value_kind::string ? cell.get<std::string_view>() : std::string_view();
}

std::string sas_of(base::url const& location)
{
    auto sas = location.query();
    auto const begin = sas.find_first_not_of("?&");
    sas.erase(0, begin == std::string::npos ? sas.size() : begin);
    return sas;
}

result<storage_resource> read_location(std::string_view text, std::string const& host)
{
    auto const parsed = base::url::parse(text);
    if (!parsed)
        return bad_reply(host, errc::malformed_reply,
                         "the service listed a storage address that does not parse: " +
                             parsed.error().message());
    if (!parsed->is_https() && !parsed->is_loopback())
        return bad_reply(host, errc::malformed_reply,
                         "the service listed a storage address that is not https, at " +
                             parsed->authority());
    auto const sas = sas_of(*parsed);
    if (!base::query_parameter(sas, "sig"))
        return bad_reply(host, errc::malformed_reply,
                         "the service listed a storage address without a signature, at " +
                             parsed->authority());
    std::optional<base::utc_time_point> expires_on;
    if (auto const se = base::query_parameter(sas, "se"))
        expires_on = base::parse_iso(*se);
    auto const location = parsed->with_target(parsed->path(), sas);
    return storage_resource(location, account_of(location), expires_on);
}

std::vector<storage_resource>* list_for(ingestion_resources& into, std::string_view type)
{
    if (base::equal_ignoring_case(type, "TempStorage"))
        return &into.containers;
    if (base::equal_ignoring_case(type, "SecuredReadyForAggregationQueue"))
        return &into.queues;
    if (base::equal_ignoring_case(type, "IngestionsStatusTable"))
        return &into.status_tables;
    return nullptr;
}

} // namespace

std::optional<base::utc_time_point> ingestion_resources::earliest_expiry() const noexcept
{
    std::optional<base::utc_time_point> earliest;
    for (auto const* list : {&containers, &queues, &status_tables})
    {
        for (auto const& resource : *list)
        {
            if (resource.expires_on && (!earliest || *resource.expires_on < *earliest))
                earliest = resource.expires_on;
        }
    }
    return earliest;
}

std::string account_of(base::url const& location)
{
    auto const& host = location.host();
    bool const shared =
        location.is_ip_literal() || host == "localhost" || host.find('.') == std::string::npos;
    if (!shared)
        return location.authority();
    auto const& path = location.path();
    return location.authority() + path.substr(0, path.find('/', 1));
}

result<ingestion_resources> parse_resources(table const& rows, std::string const& host)
{
    if (rows.columns().size() < 2)
        return bad_reply(host, errc::malformed_reply,
                         "the list of ingestion resources has fewer than two columns");
    auto const type_column = column_or(rows, "ResourceTypeName", 0);
    auto const root_column = column_or(rows, "StorageRoot", 1);
    ingestion_resources read;
    std::optional<failure> unusable;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto* const list = list_for(read, text_at(rows, i, type_column));
        if (list == nullptr)
            continue;
        auto location = read_location(text_at(rows, i, root_column), host);
        if (location)
            list->push_back(std::move(*location));
        else if (!unusable)
            unusable = location.error();
    }
    if (read.containers.empty() || read.queues.empty())
    {
        // One odd address is no reason to stop; that none is left is.
        if (unusable)
            return *unusable;
        auto why = bad_reply(host, errc::no_resources,
                             std::string("the service listed no ") +
                                 (read.containers.empty() ? "container" : "queue") +
                                 " for ingestion; is this the ingestion URL of the cluster?");
        why.retryable(true);
        return why;
    }
    return read;
}

result<std::string> parse_identity_token(table const& rows, std::string const& host)
{
    if (rows.empty() || rows.columns().empty())
        return bad_reply(host, errc::malformed_reply, "the service gave no identity token");
    auto const column = column_or(rows, "AuthorizationContext", 0);
    auto const token = text_at(rows, 0, column);
    if (token.empty())
        return bad_reply(host, errc::malformed_reply, "the service gave an empty identity token");
    return std::string(token);
}

} // namespace kusto::wire
