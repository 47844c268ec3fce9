#pragma once

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <emulator/https_client.hpp>
#include <emulator/server/encoding.hpp>
#include <kusto/emulator/cluster.hpp>
#include <string>

namespace cluster_test
{

using namespace kusto::emulator;
namespace json = boost::json;

/// Host and port off: what a request target begins with.
inline std::string target_of(std::string const& url)
{
    return url.substr(url.find('/', url.find("://") + 3));
}

/// What any client does: sign in, ask for resources, upload, post.
struct session
{
    explicit session(cluster const& of)
        : where(of),
          engine(of.engine_url(), of.ca_pem()),
          ingestion(of.ingestion_url(), of.ca_pem()),
          store(of.storage_url(), of.ca_pem())
    {
    }

    /// Another client with the credentials and resources of a first one.
    session(cluster const& of, session const& first) : session(of)
    {
        token = first.token;
        container = first.container;
        queue = first.queue;
        status_table = first.status_table;
        identity = first.identity;
    }

    void sign_in()
    {
        auto const& options = where.options();
        std::string const form = "grant_type=client_credentials&client_id=" + options.client_id() +
                                 "&client_secret=" + options.client_secret() +
                                 "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default";
        auto const answer =
            engine.send("POST", "/" + options.tenant() + "/oauth2/v2.0/token",
                        {{"Content-Type", "application/x-www-form-urlencoded"}}, form);
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        token = std::string(json::parse(answer.body).at("access_token").as_string());
    }

    json::array command(https_client& to, std::string const& text)
    {
        json::object body;
        body["db"] = "NetDefaultDB";
        body["csl"] = text;
        auto const answer = to.send("POST", "/v1/rest/mgmt",
                                    {{"Content-Type", "application/json"},
                                     {"Accept", "application/json"},
                                     {"Authorization", "Bearer " + token}},
                                    json::serialize(body));
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return json::parse(answer.body).at("Tables").at(0).at("Rows").as_array();
    }

    void find_resources()
    {
        for (auto const& row : command(ingestion, ".get ingestion resources"))
        {
            std::string const url(row.at(1).as_string());
            if (row.at(0).as_string() == "TempStorage")
                container = url;
            if (row.at(0).as_string() == "SecuredReadyForAggregationQueue")
                queue = url;
            if (row.at(0).as_string() == "IngestionsStatusTable")
                status_table = url;
        }
        identity =
            std::string(command(ingestion, ".get kusto identity token").at(0).at(0).as_string());
    }

    [[nodiscard]] std::string blob_url(std::string const& name) const
    {
        auto const mark = container.find('?');
        return container.substr(0, mark) + "/" + name + container.substr(mark);
    }

    https_client::reply put(std::string const& name, std::string const& content)
    {
        return store.send("PUT", target_of(blob_url(name)),
                          {{"x-ms-version", "2021-12-02"}, {"x-ms-blob-type", "BlockBlob"}},
                          content);
    }

    https_client::reply post(json::object message)
    {
        auto const text = base64_encode(json::serialize(message));
        auto url = target_of(queue);
        url.insert(url.find('?'), "/messages");
        return store.send("POST", url, {{"x-ms-version", "2021-12-02"}},
                          "<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>");
    }

    [[nodiscard]] json::object message(std::string const& blob, std::uint64_t size) const
    {
        json::object additional;
        additional["authorizationContext"] = identity;
        additional["format"] = "csv";
        json::object out;
        out["Id"] = random_guid();
        out["BlobPath"] = blob_url(blob);
        out["RawDataSize"] = size;
        out["DatabaseName"] = "NetDefaultDB";
        out["TableName"] = "T";
        out["RetainBlobOnSuccess"] = true;
        out["AdditionalProperties"] = std::move(additional);
        return out;
    }

    cluster const& where;
    https_client engine;
    https_client ingestion;
    https_client store;
    std::string token, container, queue, status_table, identity;
};

/// A cluster whose batches do not keep a test waiting.
inline cluster_options quick()
{
    cluster_options options;
    options.batching(std::chrono::milliseconds(5), 100, std::uint64_t(1) << 30);
    return options;
}

} // namespace cluster_test
