#include "replies.hpp"

#include <base/endpoint_url.hpp>
#include <boost/test/unit_test.hpp>
#include <wire/endpoints.hpp>
#include <wire/management.hpp>
#include <wire/metadata.hpp>
#include <wire/resources.hpp>
#include <wire/storage.hpp>
#include <wire/token.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

std::string const canary = "CANARY0secret0CANARY";
std::string const sas = "https://a.blob.core.windows.net/c?sv=1&sig=" + canary + "&se=2026-01-01";
std::string const jwt = "eyJ" + canary + canary;

/// Everything that a careless server could repeat.
std::string const echo =
    "you sent " + sas + " and Bearer " + canary + " and client_secret=" + canary + "&x and " + jwt;

void check(failure const& why)
{
    BOOST_TEST(!has(why.describe(), canary), why.describe());
    BOOST_TEST(!has(why.message(), canary));
    BOOST_TEST(!has(why.server_text(), canary));
    BOOST_TEST(!has(why.service_code(), canary));
    BOOST_TEST(!has(why.activity_id(), canary));
    BOOST_TEST(!has(why.host(), canary));
}

std::vector<std::string> bodies()
{
    std::string const in_json = "\"" + echo + "\"";
    return {
        echo,
        "<html>" + echo + "</html>",
        "<Error><Code>" + sas + "</Code><Message>" + echo + "</Message><Reason>" + sas +
            "</Reason></Error>",
        R"({"message":)" + in_json + "}",
        R"({"error":{"code":)" + in_json + R"(,"@message":)" + in_json + R"(,"@type":)" + in_json +
            "}}",
        R"({"error":{"@type":"WrongEndpoint","@message":)" + in_json + "}}",
        R"({"error":)" + in_json + R"(,"error_description":)" + in_json + R"(,"correlation_id":)" +
            in_json + "}",
        R"({"odata.error":{"code":)" + in_json + R"(,"message":{"value":)" + in_json + "}}}",
        R"({"Tables":[],"Exceptions":[)" + in_json + "]}",
        R"([{"FrameType":"DataSetCompletion","HasErrors":true,"OneApiErrors":[{"error":{"@message":)" +
            in_json + "}}]}]"};
}

} // namespace

BOOST_AUTO_TEST_SUITE(redaction_test)

BOOST_AUTO_TEST_CASE(no_reply_makes_a_failure_tell_a_secret)
{
    wire::header_list const headers{{"x-ms-request-id", sas},
                                    {"x-ms-error-code", "sig=" + canary},
                                    {"x-ms-activity-id", "Bearer " + canary}};
    for (int status : {200, 400, 401, 403, 404, 409, 429, 500, 503})
    {
        for (auto const& body : bodies())
        {
            canned_reply const from(status, body, headers, stage::command);
            if (auto const r = wire::parse_v1(from); !r)
                check(r.error());
            if (auto const r = wire::parse_v2(from); !r)
                check(r.error());
            if (auto const r = wire::parse_metadata(from); !r)
                check(r.error());
            if (auto const r = wire::parse_token(from, {}); !r)
                check(r.error());
            check(wire::parse_storage_error(from).why);
            canned_reply const without_headers(status, body);
            check(wire::parse_storage_error(without_headers).why);
            check(wire::parse_service_error(without_headers));
        }
    }
}

BOOST_AUTO_TEST_CASE(no_address_makes_a_failure_tell_a_secret)
{
    for (std::string const& text :
         {std::string("http://example.com/x?sig=") + canary, "https://u:" + canary + "@h/",
          "ftp://h?" + canary, "https://h:x?sig=" + canary})
    {
        if (auto const r = base::url::parse(text); !r)
            check(r.error());
        if (auto const r = base::parse_endpoint(text); !r)
            check(r.error());
        if (auto const r = wire::cluster_endpoints::parse(text); !r)
            check(r.error());
        table const rows("T", {{"ResourceTypeName", "string"}, {"StorageRoot", "string"}},
                         {{value("TempStorage"), value(text)}});
        auto const resources = wire::parse_resources(rows, "dm");
        BOOST_REQUIRE(!resources);
        check(resources.error());
    }
    auto const queue = base::url::parse(sas);
    auto const message = wire::put_message(*queue, std::string(60000, 'x') + canary, "r", {});
    BOOST_REQUIRE(!message);
    check(message.error());
}

BOOST_AUTO_TEST_SUITE_END()
