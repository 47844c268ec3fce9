#include <emulator/storage_fixture.hpp>

namespace kusto::emulator
{

namespace
{

/// Well known: printed in the documentation of every storage emulator.
constexpr char const* development_key =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

} // namespace

std::string storage_fixture::key()
{
    return base64_decode(development_key).value();
}

storage_settings storage_fixture::settings()
{
    storage_settings out;
    out.accounts = 0;
    out.now = [this] { return now; };
    out.on_message = [this] { ++messages; };
    return out;
}

storage_fixture::storage_fixture()
    : now(parse_iso_time("2026-11-22T11:00:00Z").value()),
      store(settings())
{
    store.add_account(account, key());
    store.blobs().create_container(account, "ingest0");
    store.blobs().create_container(account, "other");
    store.queues().create_queue(account, "readyq0");
    store.tables().create_table(account, "ingestionstatus0");
}

std::string storage_fixture::sas(storage_service service, std::string const& resource,
                                 std::string const& permissions) const
{
    sas_target const target{service, account, resource, {}};
    return make_sas(target, key(), permissions, now - std::chrono::minutes(5),
                    now + std::chrono::hours(1));
}

std::string storage_fixture::container_sas(std::string const& permissions) const
{
    return sas(storage_service::blob, "ingest0", permissions);
}

std::string storage_fixture::queue_sas(std::string const& permissions) const
{
    return sas(storage_service::queue, "readyq0", permissions);
}

std::string storage_fixture::table_sas(std::string const& permissions) const
{
    return sas(storage_service::table, "ingestionstatus0", permissions);
}

response storage_fixture::send_bare(std::string const& method, std::string const& target,
                                    std::string body,
                                    std::vector<std::pair<std::string, std::string>> const& headers)
{
    request http;
    http.method = method;
    http.set_target("/" + std::string(account) + target);
    http.body = std::move(body);
    for (auto const& [name, value] : headers)
        http.headers.add(name, value);
    return store.handle(http);
}

response storage_fixture::send(std::string const& method, std::string const& target,
                               std::string body,
                               std::vector<std::pair<std::string, std::string>> headers)
{
    headers.emplace_back("x-ms-version", "2021-12-02");
    headers.emplace_back("Content-Length", std::to_string(body.size()));
    return send_bare(method, target, std::move(body), headers);
}

} // namespace kusto::emulator
