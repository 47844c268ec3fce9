#include <bounds/server.hpp>

#include <boost/json.hpp>
#include <cli/plain_client.hpp>
#include <cli/process_measures.hpp>
#include <kusto/emulator/cluster.hpp>
#include <stdexcept>

namespace kusto::bounds
{

namespace json = boost::json;

namespace
{

json::value checked(cli::plain_client::reply const& reply, char const* what)
{
    if (reply.status != 200)
        throw std::runtime_error(std::string("the local cluster gives no ") + what + ": status " +
                                 std::to_string(reply.status));
    return json::parse(reply.body);
}

/// With the local cluster's public test credentials.
std::string get_token(cli::emulator_process const& process)
{
    emulator::cluster_options const known;
    std::string const form = "grant_type=client_credentials&client_id=" + known.client_id() +
                             "&client_secret=" + known.client_secret() +
                             "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default";
    cli::plain_client login(process.engine_url(), process.ca_pem());
    auto const reply =
        login.send("POST", "/" + known.tenant() + "/oauth2/v2.0/token",
                   "Content-Type: application/x-www-form-urlencoded\r\n", std::span(form));
    return checked(reply, "token").at("access_token").as_string().c_str();
}

/// Address of the first container in the reply to `.get ingestion resources`.
std::string container_in(json::value const& resources)
{
    for (auto const& row : resources.at("Tables").at(0).at("Rows").as_array())
        if (row.at(0).as_string() == "TempStorage")
            return row.at(1).as_string().c_str();
    throw std::runtime_error("the local cluster names no container");
}

container find_storage(cli::emulator_process const& process)
{
    std::string const command = R"({"db":"NetDefaultDB","csl":".get ingestion resources"})";
    cli::plain_client ingestion(process.where().ingestion_url(), process.ca_pem());
    auto const reply = ingestion.send("POST", "/v1/rest/mgmt",
                                      "Content-Type: application/json\r\nAuthorization: Bearer " +
                                          get_token(process) + "\r\n",
                                      std::span(command));
    return parse_container(container_in(checked(reply, "resources")), process.ca_pem());
}

} // namespace

server::server(options const& use)
    : process_(use.kusto, {"--discard=checksum", "--threads", std::to_string(use.server_threads)},
               use.tls),
      storage_(find_storage(process_))
{
}

double server::cpu_seconds() const
{
    return cli::process_cpu_seconds(process_.id());
}

} // namespace kusto::bounds
