#pragma once

#include <emulator/cluster_session.hpp>
#include <kusto/emulator/faults.hpp>

namespace cluster_test
{

using namespace std::chrono_literals;

/// A cluster with one serving thread and a client that is signed in before faults begin.
struct fault_session
{
    explicit fault_session(cluster_options options = quick())
        : local(options.threads(1)),
          client(local)
    {
        local.execute("NetDefaultDB", ".create table T (id:long, name:string)");
        client.sign_in();
        client.find_resources();
        client.put("there.csv", "1,one\n");
    }

    /// Replaces the script by these rules.
    template <class... Rules>
    void faults(Rules... rules)
    {
        fault_script script;
        (script.add(std::move(rules)), ...);
        local.set_faults(std::move(script));
    }

    https_client::reply management(https_client& to, std::string const& text,
                                   char const* path = "/v1/rest/mgmt")
    {
        json::object body;
        body["csl"] = text;
        return to.send("POST", path,
                       {{"Content-Type", "application/json"},
                        {"Accept", "application/json"},
                        {"Authorization", "Bearer " + client.token}},
                       json::serialize(body));
    }

    https_client::reply token()
    {
        auto const& options = local.options();
        std::string const form = "grant_type=client_credentials&client_id=" + options.client_id() +
                                 "&client_secret=" + options.client_secret() +
                                 "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default";
        return client.engine.send("POST", "/" + options.tenant() + "/oauth2/v2.0/token",
                                  {{"Content-Type", "application/x-www-form-urlencoded"}}, form);
    }

    https_client::reply block(std::string const& suffix, std::string const& body)
    {
        return client.store.send("PUT", target_of(client.blob_url("staged.csv")) + suffix,
                                 {{"x-ms-version", "2021-12-02"}}, body);
    }

    https_client::reply status_entity(std::string const& method, std::string const& body)
    {
        auto const& url = client.status_table;
        auto const mark = url.find('?');
        auto const keys = method == "POST" ? "" : "(PartitionKey='p',RowKey='r')";
        return client.store.send(
            method, target_of(url.substr(0, mark)) + keys + url.substr(mark),
            {{"x-ms-version", "2019-02-02"}, {"Accept", "application/json;odata=nometadata"}},
            body);
    }

    /// A request of that route, valid but for what the script does to it.
    https_client::reply send(fault_route route)
    {
        switch (route)
        {
        case fault_route::any:
        case fault_route::metadata:
            return client.engine.send("GET", "/v1/rest/auth/metadata");
        case fault_route::token:
            return token();
        case fault_route::resources:
            return management(client.ingestion, ".get ingestion resources");
        case fault_route::identity:
            return management(client.ingestion, ".get kusto identity token");
        case fault_route::version:
            return management(client.engine, ".show version");
        case fault_route::command:
            return management(client.engine, ".show tables");
        case fault_route::query:
            return management(client.engine, "T | count", "/v2/rest/query");
        case fault_route::put_blob:
            return client.put("new.csv", "2,two\n");
        case fault_route::put_block:
            return block("&comp=block&blockid=AAAA", "3,three\n");
        case fault_route::put_block_list:
            return block("&comp=blocklist", "<BlockList></BlockList>");
        case fault_route::get_blob:
            return client.store.send("GET", target_of(client.blob_url("there.csv")),
                                     {{"x-ms-version", "2021-12-02"}});
        case fault_route::put_message:
            return client.post(client.message("there.csv", 6));
        case fault_route::insert_status:
            return status_entity("POST", R"({"PartitionKey":"p","RowKey":"r","Status":"Pending"})");
        case fault_route::managed_identity:
            return https_client(local.identity_url(), "").send("GET", "/metadata/identity");
        case fault_route::read_status:
            break;
        }
        return status_entity("GET", "");
    }

    [[nodiscard]] fault_count count(std::size_t rule = 0) const
    {
        return local.fault_counts().at(rule);
    }

    cluster local;
    session client;
};

/// Managed identities are not among them: their endpoints are off.
constexpr int route_count = static_cast<int>(fault_route::read_status) + 1;

} // namespace cluster_test
