#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/management.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

failure read(int status, std::string body, stage where = stage::command,
             wire::header_list headers = {})
{
    canned_reply const from(status, std::move(body), std::move(headers), where);
    return wire::parse_service_error(from);
}

std::string one_api(std::string const& fields)
{
    return R"({"error":{)" + fields + "}}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(service_error_test)

BOOST_AUTO_TEST_CASE(a_full_error)
{
    auto const why = read(400, R"({"error":{"code":"General_BadRequest","message":"short",
      "@type":"Kusto.Data.Exceptions.KustoBadRequestException","@message":"Semantic error: SEM0100: 'where'",
      "@context":{"activityId":"from-context"},"@permanent":true,
      "innererror":{"code":"SEM0100","@permanent":true}}})",
                          stage::query, {{"x-ms-activity-id", "from-header"}});
    BOOST_TEST((why.code() == errc::query_failed));
    BOOST_TEST((why.where() == stage::query));
    BOOST_TEST(why.service_code() == "SEM0100");
    BOOST_TEST(why.server_text() == "Semantic error: SEM0100: 'where'");
    BOOST_TEST(why.activity_id() == "from-header");
    BOOST_TEST(why.status() == 400);
    BOOST_TEST(!why.retryable());
    auto const other = read(400, one_api(R"("@context":{"activityId":"a"})"));
    BOOST_TEST(other.activity_id() == "a");
}

BOOST_AUTO_TEST_CASE(classes)
{
    struct row
    {
        int status;
        std::string body;
        stage where;
        errc code;
        bool retryable;
    };
    for (auto const& r : {
             row{400, one_api(R"("@permanent":true)"), stage::command, errc::query_failed, false},
             row{400, one_api(R"("@permanent":false)"), stage::command, errc::query_failed, true},
             row{400, one_api(R"("code":"x")"), stage::command, errc::query_failed, false},
             row{400, "", stage::resources, errc::request_rejected, false},
             row{400, one_api(R"("code":"BadRequest_EntityNotFound","@permanent":true)"),
                 stage::command, errc::not_found, false},
             row{400, one_api(R"("@type":"Kusto.X.EntityNotFoundException","@permanent":false)"),
                 stage::command, errc::not_found, false},
             row{401, "", stage::command, errc::access_denied, false},
             row{403, one_api(R"("@permanent":false)"), stage::command, errc::access_denied, false},
             row{404, "<html>", stage::resources, errc::not_found, false},
             row{413, one_api(R"("@permanent":false)"), stage::command, errc::query_failed, false},
             row{429, "", stage::resources, errc::throttled, true},
             row{400, one_api(R"("@type":"KustoRequestThrottledException","@permanent":false)"),
                 stage::resources, errc::throttled, true},
             row{500, one_api(R"("@permanent":true)"), stage::command, errc::query_failed, false},
             row{500, one_api(R"("@permanent":true)"), stage::resources, errc::request_rejected,
                 false},
             row{500, "", stage::resources, errc::service_unavailable, true},
             row{502, "<html>", stage::resources, errc::service_unavailable, true},
             row{503, "{}", stage::resources, errc::service_unavailable, true},
             row{504, "null", stage::resources, errc::service_unavailable, true},
             row{520, one_api(R"("@permanent":false)"), stage::resources, errc::service_unavailable,
                 true},
             row{408, "", stage::resources, errc::service_unavailable, true},
             row{501, "", stage::resources, errc::request_rejected, false},
             row{520, "", stage::resources, errc::service_unavailable, true},
             row{524, "", stage::command, errc::service_unavailable, true},
             row{418, "", stage::resources, errc::request_rejected, false},
         })
    {
        auto const why = read(r.status, r.body, r.where);
        BOOST_TEST_CONTEXT(r.status << ' ' << r.body)
        {
            BOOST_TEST((why.code() == r.code), to_string(why.code()));
            BOOST_TEST(why.retryable() == r.retryable);
            BOOST_TEST(!why.message().empty());
            BOOST_TEST(why.host() == "host.example:8443");
            BOOST_TEST(why.request_id() == "KCPC.execute;1");
        }
    }
}

BOOST_AUTO_TEST_CASE(the_wrong_endpoint_is_permanent_and_names_the_right_one)
{
    auto const why = read(400, one_api(R"("code":"BadRequest","@permanent":false,
          "@type":"Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
          "@message":"Cannot get ingestion resources from this service endpoint. The appropriate endpoint is most likely 'https://ingest-c.r.kusto.windows.net/?sig=x'.")"),
                          stage::resources);
    BOOST_TEST((why.code() == errc::wrong_endpoint));
    BOOST_TEST(!why.retryable());
    BOOST_TEST(has(why.message(), "Did you mean https://ingest-c.r.kusto.windows.net?"));
    auto const silent = read(400, one_api(R"("@type":"AdminCommandWrongEndpointException")"));
    BOOST_TEST((silent.code() == errc::wrong_endpoint));
    BOOST_TEST(has(silent.message(), "ingestion_url"));
}

BOOST_AUTO_TEST_CASE(bodies_of_all_kinds)
{
    BOOST_TEST(read(400, R"({"message":"hello"})").server_text() == "hello");
    BOOST_TEST(read(502, "<html><body>Bad Gateway</body></html>").server_text() ==
               "<html><body>Bad Gateway</body></html>");
    BOOST_TEST(read(500, "plain\r\ntext").server_text() == "plain  text");
    BOOST_TEST(read(500, "").server_text().empty());
    BOOST_TEST(read(500, R"({"error":"text"})").server_text() == R"({"error":"text"})");
    BOOST_TEST(read(500, std::string(200000, 'x')).server_text().size() == 2048u);
    BOOST_TEST(read(400, one_api(R"("message":"m")")).server_text() == "m");
}

BOOST_AUTO_TEST_SUITE_END()
