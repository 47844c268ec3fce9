#include <kusto/emulator/cluster.hpp>

#include <boost/json.hpp>
#include <charconv>
#include <emulator/server/cluster_impl.hpp>
#include <stdexcept>

namespace kusto::emulator
{

namespace
{

/// Times are ticks in a cell; their text form is the renderer's.
std::string rendered_first_cell(result_table const& table)
{
    auto const document = boost::json::parse(render_v1(table));
    auto const& value = document.at("Tables").at(0).at("Rows").at(0).at(0);
    return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

std::string real_text(double value)
{
    char text[40];
    auto const end = std::to_chars(text, text + sizeof text, value).ptr;
    return std::string(text, end);
}

} // namespace

cluster::cluster(cluster_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

cluster::~cluster()
{
    stop();
}

std::string cluster::engine_url() const
{
    return impl_->engine_url;
}

std::string cluster::ingestion_url() const
{
    return impl_->ingestion_url;
}

std::string cluster::authority_url() const
{
    return impl_->engine_url;
}

std::string cluster::storage_url() const
{
    return impl_->storage_url;
}

std::string cluster::ca_pem() const
{
    return impl_->identity ? impl_->identity->ca_pem : std::string();
}

std::string cluster::connection_string() const
{
    auto const& options = impl_->options;
    return "Data Source=" + impl_->engine_url + ";Application Client Id=" + options.client_id() +
           ";Application Key=" + options.client_secret() + ";Authority Id=" + options.tenant();
}

std::string cluster::identity_url() const
{
    return impl_->identity_url;
}

std::vector<std::pair<std::string, std::string>>
cluster::identity_environment(identity_host host) const
{
    if (!impl_->machines)
        return {};
    return impl_->machines->environment(host);
}

bool cluster::approve_device_code(std::string const& user_code)
{
    return impl_->login->decide_device_code(user_code, true);
}

bool cluster::decline_device_code(std::string const& user_code)
{
    return impl_->login->decide_device_code(user_code, false);
}

void cluster::demand_claims(std::string const& claims)
{
    boost::json::error_code error;
    auto demanded = claims.empty() ? boost::json::value() : boost::json::parse(claims, error);
    if (error || (!claims.empty() && !demanded.is_object()))
        throw std::invalid_argument("the claims are not a JSON object");
    impl_->access_tokens.demand(std::move(demanded));
}

std::vector<std::string> cluster::requested_claims() const
{
    return impl_->login->requested_claims();
}

std::string cluster::execute(std::string const& database, std::string const& text)
{
    return render_v1(impl_->run(database, text));
}

std::string cluster::scalar(std::string const& database, std::string const& text)
{
    auto const table = impl_->run(database, text);
    if (table.rows.empty() || table.rows.front().empty())
        return {};
    auto const& first = table.rows.front().front();
    if (std::holds_alternative<std::monostate>(first))
        return {};
    if (auto const* value = std::get_if<std::string>(&first); value != nullptr)
        return *value;
    if (auto const* value = std::get_if<bool>(&first); value != nullptr)
        return *value ? "true" : "false";
    if (auto const* value = std::get_if<double>(&first); value != nullptr)
        return real_text(*value);
    auto const& type = table.columns.front().type;
    if (type == "datetime" || type == "timespan")
        return rendered_first_cell(table);
    return std::to_string(std::get<std::int64_t>(first));
}

bool cluster::wait_until_idle(std::chrono::milliseconds limit)
{
    return impl_->loop.wait_until_idle(limit);
}

cluster_counts cluster::counts() const
{
    auto const blobs = impl_->store.blobs().counts();
    auto const totals = impl_->manager.counts();
    cluster_counts out;
    out.requests = impl_->requests;
    out.blobs_put = blobs.blobs_put;
    out.blocks_put = blobs.blocks_put;
    out.messages = impl_->loop.messages();
    out.tokens = impl_->access_tokens.issued();
    out.resource_calls = impl_->kusto->resource_calls();
    out.ingested = totals.succeeded;
    out.failed = totals.failed;
    out.skipped = totals.skipped;
    return out;
}

discarded_counts cluster::discarded() const
{
    return impl_->discarded();
}

void cluster::set_faults(fault_script script)
{
    impl_->faults.install(std::move(script));
}

std::vector<fault_count> cluster::fault_counts() const
{
    return impl_->faults.counts();
}

cluster_options const& cluster::options() const noexcept
{
    return impl_->options;
}

void cluster::stop()
{
    impl_->server.stop();
    for (auto* other : {&impl_->machine_server, &impl_->fabric_server})
    {
        if (*other)
            (*other)->stop();
    }
    impl_->loop.stop();
}

} // namespace kusto::emulator
