#include <doctor/examination.hpp>

#include <array>
#include <base/guid.hpp>
#include <doctor/clean_text.hpp>
#include <service/storage_exchange.hpp>
#include <set>
#include <span>
#include <utility>
#include <wire/control_cells.hpp>
#include <wire/management.hpp>
#include <wire/storage.hpp>

namespace kusto::doctor
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

constexpr char const* command_database = "NetDefaultDB";

std::vector<std::string> needing(std::initializer_list<std::string_view> names)
{
    return std::vector<std::string>(names.begin(), names.end());
}

verdict judge_metadata(int status, wire::cloud_metadata const& cloud)
{
    auto const text =
        "sign in at " + clean_text(cloud.login_endpoint) + " for " + clean_text(cloud.resource_id);
    if (status == 404)
        return verdict::warning("the host does not tell its cloud (404), so the public one is "
                                "assumed: " +
                                    text,
                                "check that this is a Kusto cluster, and name the login endpoint "
                                "with --authority-host if it is in another cloud");
    return verdict::ok(text);
}

/// `.show version` of an engine says `Engine`, of an ingestion service `DataManagement`.
result<verdict> judge_version(std::string const& wanted, table const& reply)
{
    auto const types = wire::column_of(reply, "ServiceType");
    if (!types || types->empty())
        return failure(errc::malformed_reply, stage::command,
                       "the answer to .show version does not tell the service's type");
    auto const type = types->front().to_text();
    bool const other = (type == "Engine" || type == "DataManagement") && type != wanted;
    if (other)
        return failure(errc::wrong_endpoint, stage::command,
                       "this is " + type + ", and " + wanted + " is needed here");
    auto const versions = wire::column_of(reply, "ProductVersion");
    bool const told = versions && !versions->empty();
    return verdict::ok(clean_text(type + (told ? ' ' + versions->front().to_text() : "")));
}

std::set<std::string> accounts_of(std::vector<wire::storage_resource> const& resources)
{
    std::set<std::string> accounts;
    for (auto const& one : resources)
        accounts.insert(one.account);
    return accounts;
}

std::string describe(service::resource_snapshot const& what)
{
    auto const& resources = what.resources;
    auto text = std::to_string(resources.containers.size()) + " containers, " +
                std::to_string(resources.queues.size()) + " queues, " +
                std::to_string(resources.status_tables.size()) + " status tables in " +
                std::to_string(accounts_of(resources.containers).size()) + " accounts";
    if (auto const end = resources.earliest_expiry())
        text += "; signatures until " + base::iso_text(*end).substr(0, 16) + 'Z';
    return text;
}

} // namespace

asio::awaitable<void> examination::sign_in()
{
    bool const by_engine = !metadata_url_ || metadata_url_->authority() == engine_url_->authority();
    auto const host = subject_of(metadata_url_);
    step cloud(metadata_check, host,
               needing({trust_check, by_engine ? "engine_tls" : "ingestion_tls"}));
    co_await take(std::move(cloud), ask_metadata());
    step token(token_check, where_.who().describe(), needing({metadata_check}));
    co_await take(std::move(token), ask_token());
    step engine(engine_check, subject_of(engine_url_), needing({token_check, "engine_tls"}));
    co_await take(std::move(engine), ask_service(std::string(engine_check), "Engine"));
    step ingestion(ingestion_check, subject_of(ingestion_url_),
                   needing({token_check, "ingestion_tls"}));
    co_await take(std::move(ingestion),
                  ask_service(std::string(ingestion_check), "DataManagement"));
}

examination::answer examination::ask_metadata()
{
    auto const target = wire::metadata_url(*metadata_url_);
    auto const id = wire::new_request_id("metadata");
    async::http_request request(async::http_method::get, target);
    request.header("Accept", "application/json").header("x-ms-client-request-id", id);
    request.where = stage::metadata;
    request.reply_limit = std::size_t(1) << 20;
    auto const got = co_await with_.transport->send(std::move(request), limit());
    if (!got)
        co_return got.error();
    auto const reply = service::view(*got, target, id, stage::metadata);
    auto const cloud = wire::parse_metadata(reply);
    if (!cloud)
        co_return cloud.error();
    cloud_ = *cloud;
    co_return judge_metadata(reply.status, *cloud);
}

examination::answer examination::ask_token()
{
    auto const token = co_await tokens_->get(limit());
    if (!token)
        co_return token.error();
    if (token->value.empty())
        co_return verdict::ok("requests carry no token");
    claims_ = read_claims(token->value.reveal());
    std::vector<base::url> hosts(1, *engine_url_);
    hosts.push_back(*ingestion_url_);
    token_audiences const accepted(cloud_->resource_id, std::move(hosts),
                                   wire::trust_rules(where_.trusted_hosts()));
    co_return judge_token(claims_, accepted, with_.time->utc_now());
}

examination::answer examination::ask_service(std::string name, std::string wanted)
{
    auto const& service = name == engine_check ? *engine_ : *ingestion_;
    auto const reply = co_await service.execute(command_database, ".show version", limit(),
                                                stage::command, service::repetition::idempotent);
    if (reply)
        co_return judge_version(wanted, *reply);
    // Who is recognised, and not allowed to ask for the version, has reached a cluster.
    bool const forbidden = reply.error().status() == 403 && !reply.error().service_code().empty();
    if (forbidden)
        co_return verdict::ok("it does not tell its version to this principal");
    co_return reply.error();
}

asio::awaitable<void> examination::look_at_storage()
{
    step resources(resources_check, subject_of(ingestion_url_), needing({ingestion_check}));
    co_await take(std::move(resources), ask_resources());
    if (!snapshot_)
    {
        step storage(storage_check, {}, needing({resources_check}));
        static_cast<void>(found_.skips(storage));
        step queue(queue_check, {}, needing({resources_check}));
        static_cast<void>(found_.skips(queue));
        co_return;
    }
    std::set<std::string> done;
    for (auto const& container : snapshot_->resources.containers)
    {
        if (!done.insert(container.account).second)
            continue;
        step storage(storage_check, container.account, needing({resources_check}));
        co_await take(std::move(storage), write_blob(container));
    }
    done.clear();
    for (auto const& queue : snapshot_->resources.queues)
    {
        if (!done.insert(queue.location.authority()).second)
            continue;
        step reached(queue_check, queue.location.authority(), needing({resources_check}));
        co_await take(std::move(reached), reach_queue(queue.location));
    }
}

examination::answer examination::ask_resources()
{
    auto const got = co_await resources_->get(limit());
    if (!got)
        co_return got.error();
    snapshot_ = *got;
    co_return verdict::ok(describe(*snapshot_));
}

examination::answer examination::write_blob(wire::storage_resource container)
{
    static constexpr std::string_view content = "written by kusto doctor; nobody needs it\n";
    auto const name = "kusto-doctor-" + base::guid::random().to_string();
    auto request = wire::put_blob(wire::blob_url(container.location, name),
                                  wire::new_request_id("doctor"), with_.time->utc_now());
    auto const bytes = std::as_bytes(std::span(content));
    auto const reply = co_await service::exchange_storage(
        *context_, std::move(request), async::http_method::put, bytes, stage::upload, limit());
    if (reply.failed)
        co_return reply.failed->why;
    co_return verdict::ok("a blob was written");
}

examination::answer examination::reach_queue(base::url queue)
{
    auto const report = co_await with_.probe(queue.with_target("/"), limit());
    for (auto const* const one : {&report.name, &report.connection})
    {
        if (one->failed)
            co_return *one->failed;
    }
    auto judged = judge_tls(queue_check, report, queue.is_https(), with_.time->utc_now(),
                            about(step(queue_check, queue.authority(), {})));
    if (judged.state == check_state::ok)
        judged.detail = "reached; no message was posted";
    co_return judged;
}

} // namespace kusto::doctor
