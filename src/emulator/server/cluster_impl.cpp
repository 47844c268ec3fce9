#include <emulator/server/cluster_impl.hpp>

namespace kusto::emulator
{

namespace
{

constexpr std::uint64_t kusto_body_limit = 64 * mebibyte;
constexpr std::uint64_t machine_body_limit = mebibyte;
constexpr std::uint64_t storage_body_limit = 5000 * mebibyte;
constexpr char const* discarded_path = "/admin/discarded";
constexpr char const* resource_id = "https://kusto.kusto.windows.net";

system_time wall_clock()
{
    return std::chrono::system_clock::now();
}

std::vector<std::string> database_names(cluster_options const& options)
{
    auto names = options.databases();
    if (names.empty())
        names.push_back("NetDefaultDB");
    return names;
}

batching_policy policy_of(cluster_options const& options)
{
    batching_policy policy;
    policy.time_span = options.batching_span();
    policy.items = options.batching_items();
    policy.raw_bytes = options.batching_bytes();
    return policy;
}

engine_settings settings_of(cluster_options const& options)
{
    engine_settings settings;
    settings.extent_visibility_delay = options.extent_visibility_delay();
    return settings;
}

bool is_command(std::string const& text)
{
    auto const start = text.find_first_not_of(" \t\r\n");
    return start != std::string::npos && text[start] == '.';
}

std::string const& given_or(std::string const& given, std::string const& usual)
{
    return given.empty() ? usual : given;
}

} // namespace

cluster::impl::impl(cluster_options given)
    : options(std::move(given)),
      identity(options.tls() ? std::optional<tls_identity>(tls_identity::generate(options.names()))
                             : std::nullopt),
      access_tokens(options.token_lifetime(), wall_clock),
      identity_tokens(options.sas_lifetime(), wall_clock),
      target(options.file(), database_names(options), settings_of(options)),
      store(storage_options()),
      bridge(store, identity_tokens),
      faults(fault_effects()),
      manager(target, bridge, policy_of(options), &faults, options.atomic_ingest_if_not_exists()),
      loop(store, manager),
      server(identity)
{
    faults.install(options.faults());
    auto const engine_port = server.listen(
        options.port(), kusto_body_limit,
        [this](request& http) { return handle_engine_port(http); }, &engine_faults);
    auto const ingestion_port = server.listen(
        options.ingestion_port(), kusto_body_limit,
        [this](request& http) { return handle_ingestion_port(http); }, &ingestion_port_faults);
    auto const storage_port = server.listen(
        options.storage_port(), storage_body_limit,
        [this](request& http) { return handle_storage_port(http); }, &storage_faults,
        [this](request const& head) { return store.blobs().discards(head); });
    engine_url = url("localhost", engine_port);
    ingestion_url = url("localhost", ingestion_port);
    storage_url = url("127.0.0.1", storage_port);
    bridge.set_port(storage_port);

    serve_kusto();
    if (options.managed_identities())
        serve_machines();
    loop.start();
    server.start(options.threads());
}

void cluster::impl::serve_kusto()
{
    kusto_settings settings;
    settings.engine_url = given_or(options.public_engine(), engine_url);
    settings.ingestion_url = given_or(options.public_ingestion(), ingestion_url);
    settings.authority_url = given_or(options.public_authority(), engine_url);
    settings.tenant = options.tenant();
    settings.resource_id = resource_id;
    settings.authentication = options.authentication();
    settings.client_id = options.client_id();
    settings.role = options.role();
    settings.resources = [this] { return resources(); };
    login_settings signing_in;
    signing_in.authority_url = settings.authority_url;
    signing_in.tenant = options.tenant();
    signing_in.client_id = options.client_id();
    signing_in.client_secret = options.client_secret();
    signing_in.resources = audiences();
    signing_in.with = options.sign_in();
    kusto.emplace(std::move(settings), target, access_tokens, identity_tokens);
    login.emplace(std::move(signing_in), access_tokens);
}

void cluster::impl::serve_machines()
{
    auto const& given = *options.managed_identities();
    machines.emplace(given, options.tenant(), audiences(), access_tokens, wall_clock);
    machine_server.emplace(std::optional<tls_identity>());
    auto const certificate = tls_identity::self_signed();
    fabric_server.emplace(certificate);
    auto const port = machine_server->listen(
        given.port(), machine_body_limit, [this](request& http) { return machines->handle(http); },
        &machine_faults);
    auto const fabric_port = fabric_server->listen(
        0, machine_body_limit,
        [this](request& http) { return machines->handle_service_fabric(http); }, &machine_faults);
    identity_addresses where;
    where.plain_url = "http://127.0.0.1:" + std::to_string(port);
    where.fabric_url = "https://localhost:" + std::to_string(fabric_port);
    where.thumbprint = hexadecimal(
        client_certificate::from_pem(certificate.server_certificate_pem).front().sha1());
    identity_url = where.plain_url;
    machines->set_addresses(std::move(where));
    machine_server->start(1);
    fabric_server->start(1);
}

std::vector<std::string> cluster::impl::audiences() const
{
    std::vector<std::string> out{resource_id, engine_url, ingestion_url};
    for (auto const& url : {options.public_engine(), options.public_ingestion()})
    {
        if (!url.empty())
            out.push_back(url);
    }
    return out;
}

fault_control::effects cluster::impl::fault_effects()
{
    fault_control::effects out;
    out.expire_sas = [this] { store.expire_signatures(); };
    out.revoke_tokens = [this] { access_tokens.revoke_all(); };
    out.expire_identity = [this] { identity_tokens.revoke_all(); };
    return out;
}

storage_settings cluster::impl::storage_options()
{
    storage_settings settings;
    settings.accounts = options.storage_accounts();
    settings.containers = options.containers_per_account();
    settings.sas_lifetime = options.sas_lifetime();
    settings.on_message = [this] { loop.wake(); };
    settings.discard = options.discard();
    return settings;
}

std::string cluster::impl::url(char const* host, std::uint16_t port) const
{
    return std::string(options.tls() ? "https://" : "http://") + host + ":" + std::to_string(port);
}

std::vector<ingestion_resource> cluster::impl::resources() const
{
    auto const& containers = options.external_containers();
    auto const& queues = options.external_queues();
    std::vector<ingestion_resource> out;
    for (auto& resource : store.resources(storage_url))
    {
        bool const replaced =
            (resource.type == "TempStorage" && !containers.empty()) ||
            (resource.type == "SecuredReadyForAggregationQueue" && !queues.empty());
        if (!replaced)
            out.push_back(std::move(resource));
    }
    for (auto const& external : containers)
        out.push_back({"TempStorage", external});
    for (auto const& external : queues)
        out.push_back({"SecuredReadyForAggregationQueue", external});
    return out;
}

response cluster::impl::handle_engine_port(request& http)
{
    if (http.path == discarded_path && http.method == "GET")
        return show_discarded();
    ++requests;
    bool const kusto_path =
        http.path.rfind("/v1/rest/", 0) == 0 || http.path.rfind("/v2/rest/", 0) == 0;
    return kusto_path ? kusto->handle(kusto_role::engine, http) : login->handle(http);
}

response cluster::impl::handle_ingestion_port(request& http)
{
    ++requests;
    return kusto->handle(kusto_role::ingestion, http);
}

response cluster::impl::handle_storage_port(request& http)
{
    ++requests;
    return store.handle(http);
}

discarded_counts cluster::impl::discarded() const
{
    auto out = manager.discarded();
    auto const blobs = store.blobs().counts();
    auto const totals = manager.counts();
    out.requests = requests;
    out.blobs_put = blobs.blobs_put;
    out.blocks_put = blobs.blocks_put;
    out.bytes_put = blobs.bytes_put;
    out.messages = loop.messages();
    out.pending = store.waiting() + manager.pending();
    out.failed = totals.failed;
    out.skipped = totals.skipped;
    return out;
}

response cluster::impl::show_discarded() const
{
    response answer;
    answer.headers.add("Content-Type", "application/json");
    answer.body = to_json(discarded());
    return answer;
}

result_table cluster::impl::run(std::string const& database, std::string const& text)
{
    return is_command(text) ? target.command(database, text) : target.query(database, text);
}

} // namespace kusto::emulator
