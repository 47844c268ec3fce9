#include <emulator/server/storage.hpp>

#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace
{

/// Signatures begin in the past, as the service's do, so that skewed clocks do not matter.
constexpr std::chrono::minutes start_margin(15);

std::string checked_version(request const& http)
{
    auto const* version = http.headers.find("x-ms-version");
    if (version == nullptr)
        throw missing_header("x-ms-version");
    bool const date = version->size() == 10 && parse_iso_time(*version);
    if (!date || *version < "2009-09-19" || *version > "2026-12-31")
        throw invalid_header("x-ms-version", *version, "The version is not supported.");
    return *version;
}

void check_authorization_header(request const& http, query_parameters const& query)
{
    auto const* header = http.headers.find("Authorization");
    bool const has_sas = query.has("sig");
    if (header == nullptr)
    {
        if (!has_sas)
            throw storage_error(401, "NoAuthenticationInformation",
                                "Server failed to authenticate the request. Please refer to the "
                                "information in the www-authenticate header.");
        return;
    }
    if (has_sas)
        throw storage_error(400, "InvalidAuthenticationInfo",
                            "Authentication information is not given in the correct format. A SAS "
                            "and an Authorization header cannot be combined.");
    throw storage_error(403, "AuthenticationFailed",
                        "Server failed to authenticate the request. This storage accepts only "
                        "shared access signatures.");
}

/// Tables answer errors in JSON except for authentication errors.
bool json_errors(sas_target const& target, storage_error const& error)
{
    return target.service == storage_service::table && error.status != 401 && error.status != 403 &&
           error.status != 415;
}

} // namespace

storage::storage(storage_settings settings)
    : settings_(std::move(settings)),
      blobs_(settings_.discard),
      queues_(settings_.on_message)
{
    for (std::size_t i = 0; i < settings_.accounts; ++i)
    {
        auto const name = "localstore" + std::to_string(i);
        add_account(name, random_bytes(64));
        for (std::size_t c = 0; c < settings_.containers; ++c)
            blobs_.create_container(name, "ingestdata-" + std::to_string(c));
        for (auto const* queue : {ready_queue, failed_queue, successful_queue})
            queues_.create_queue(name, queue);
        tables_.create_table(name, status_table);
    }
}

void storage::add_account(std::string name, std::string key)
{
    std::lock_guard const lock(accounts_mutex_);
    accounts_.push_back({std::move(name), std::move(key)});
}

std::vector<storage_account> storage::accounts() const
{
    std::lock_guard const lock(accounts_mutex_);
    return accounts_;
}

void storage::expire_signatures()
{
    std::lock_guard const lock(accounts_mutex_);
    for (auto& item : accounts_)
    {
        item.retired.emplace_back(std::move(item.key), now());
        item.key = random_bytes(64);
    }
}

storage_account storage::account(std::string const& name) const
{
    std::lock_guard const lock(accounts_mutex_);
    for (auto const& item : accounts_)
    {
        if (item.name == name)
            return item;
    }
    throw storage_error(404, "ResourceNotFound", "The specified account does not exist.");
}

storage::address storage::parse(request const& http) const
{
    address out;
    auto path = std::string_view(http.path);
    auto const next = [&path]
    {
        if (!path.empty())
            path.remove_prefix(1); // the slash
        auto const segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        return percent_decode(segment);
    };
    auto& target = out.target;
    target.account = next();
    target.resource = next();
    auto const rest = percent_decode(path.empty() ? path : path.substr(1));
    if (target.resource.empty())
        throw storage_error(400, "InvalidUri",
                            "The requested URI does not represent any resource "
                            "on the server.");
    auto const open = target.resource.find('(');
    bool const keyed = open != std::string::npos && target.resource.back() == ')';
    auto const name = target.resource.substr(0, open);
    bool const table =
        keyed || tables_.has_table(target.account, name) || (http.method == "POST" && rest.empty());
    if (table && rest.empty())
    {
        target.service = storage_service::table;
        out.has_tail = keyed;
        if (keyed)
            out.tail = target.resource.substr(open + 1, target.resource.size() - open - 2);
        target.resource = name;
        return out;
    }
    bool const messages = rest == "messages" || rest.rfind("messages/", 0) == 0;
    if (queues_.has_queue(target.account, target.resource) ||
        (messages && !blobs_.has_container(target.account, target.resource)))
    {
        target.service = storage_service::queue;
        out.tail = rest;
        return out;
    }
    target.object = rest;
    return out;
}

sas_need storage::need(storage_call const& call) const
{
    switch (call.target.service)
    {
    case storage_service::blob:
        return blobs_.need(call);
    case storage_service::queue:
        return queues_.need(call);
    case storage_service::table:
        break;
    }
    return tables_.need(call);
}

std::string const& storage::signing_key(storage_account const& owner, sas_target const& target,
                                        query_parameters const& query, system_time handed_in) const
{
    for (auto const& [key, since] : owner.retired)
    {
        if (!signed_with(target, query, key))
            continue;
        if (handed_in >= since)
            throw expired_signature(query, since, now());
        return key;
    }
    return owner.key;
}

void storage::authorize(storage_call& call) const
{
    auto const owner = account(call.target.account);
    check_authorization_header(call.http, call.query);
    auto const& key = signing_key(owner, call.target, call.query, call.now);
    call.permissions = check_sas(call.target, need(call), call.query, key, call.now, call.http.tls,
                                 call.http.client_address);
}

response storage::serve(request& http, std::string const& id)
{
    auto where = parse(http);
    storage_call call{
        http,          query_parameters(http.query), where.target, {}, now(), {}, where.tail,
        where.has_tail};
    try
    {
        call.version = checked_version(http);
        authorize(call);
        switch (call.target.service)
        {
        case storage_service::blob:
            return blobs_.handle(call);
        case storage_service::queue:
            return queues_.handle(call);
        case storage_service::table:
            break;
        }
        return tables_.handle(call);
    }
    catch (storage_error const& error)
    {
        return render(error, json_errors(call.target, error), id);
    }
}

response storage::handle(request& http)
{
    response answer;
    auto const id = random_guid();
    try
    {
        answer = serve(http, id);
    }
    catch (storage_error const& error)
    {
        answer = render(error, false, id);
    }
    answer.headers.set("x-ms-request-id", id);
    if (http.headers.has("x-ms-version"))
        answer.headers.set("x-ms-version", std::string(http.headers.get("x-ms-version")));
    if (auto const* client_id = http.headers.find("x-ms-client-request-id"); client_id != nullptr)
        answer.headers.set("x-ms-client-request-id", *client_id);
    if (answer.status == 401)
        answer.headers.set("WWW-Authenticate", "Bearer resource_id=https://storage.azure.com");
    if (answer.status == 304 || http.method == "HEAD")
        answer.body.clear();
    return answer;
}

std::vector<ingestion_resource> storage::resources(std::string const& base_url) const
{
    auto const start = now() - start_margin;
    auto const expiry = now() + settings_.sas_lifetime;
    std::vector<ingestion_resource> out;
    auto const add = [&](char const* type, storage_service service, storage_account const& owner,
                         std::string const& resource, char const* permissions)
    {
        sas_target const target{service, owner.name, resource, {}};
        out.push_back({type, base_url + "/" + owner.name + "/" + resource + "?" +
                                 make_sas(target, owner.key, permissions, start, expiry)});
    };
    for (auto const& owner : accounts())
    {
        if (!queues_.has_queue(owner.name, ready_queue))
            continue;
        add("SecuredReadyForAggregationQueue", storage_service::queue, owner, ready_queue, "a");
        add("FailedIngestionsQueue", storage_service::queue, owner, failed_queue, "raup");
        add("SuccessfulIngestionsQueue", storage_service::queue, owner, successful_queue, "raup");
        for (std::size_t c = 0; c < settings_.containers; ++c)
            add("TempStorage", storage_service::blob, owner, "ingestdata-" + std::to_string(c),
                "rwd");
        add("IngestionsStatusTable", storage_service::table, owner, status_table, "raud");
    }
    return out;
}

sas_target storage::authorize_url(std::string const& path_and_query, sas_need need,
                                  system_time posted) const
{
    request http;
    http.method = "GET";
    http.set_target(path_and_query);
    auto const where = parse(http);
    query_parameters const query(http.query);
    auto const owner = account(where.target.account);
    auto const& key = signing_key(owner, where.target, query, posted);
    check_sas(where.target, need, query, key, now(), true, "127.0.0.1");
    return where.target;
}

std::vector<queue_service::taken> storage::take_ready()
{
    std::vector<queue_service::taken> out;
    for (auto const& owner : accounts())
    {
        for (auto& text : queues_.take_visible(owner.name, ready_queue, now()))
            out.push_back(std::move(text));
    }
    return out;
}

std::size_t storage::waiting() const
{
    std::size_t count = 0;
    for (auto const& owner : accounts())
        count += queues_.size(owner.name, ready_queue);
    return count;
}

void storage::notify(bool success, std::string const& json)
{
    if (auto const owners = accounts(); !owners.empty())
        queues_.put(owners.front().name, success ? successful_queue : failed_queue,
                    base64_encode(json), now());
}

} // namespace kusto::emulator
