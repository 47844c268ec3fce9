#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/storage.hpp>

using namespace kusto;
using namespace kusto::test;
using action = wire::storage_action;

namespace
{

wire::storage_failure read(int status, std::string body, wire::header_list headers = {})
{
    canned_reply const from(status, std::move(body), std::move(headers), stage::upload);
    return wire::parse_storage_error(from);
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_error_test)

BOOST_AUTO_TEST_CASE(actions)
{
    struct row
    {
        int status;
        char const* code;
        action what;
        errc code_of_failure;
    };
    for (auto const& r : {
             row{400, "InvalidHeaderValue", action::permanent, errc::request_rejected},
             row{400, "Md5Mismatch", action::retry, errc::request_rejected},
             row{400, "InvalidBlobOrBlock", action::permanent, errc::request_rejected},
             row{400, "InvalidBlockList", action::restart_upload, errc::request_rejected},
             row{401, "NoAuthenticationInformation", action::permanent, errc::access_denied},
             row{403, "AuthenticationFailed", action::refresh_resources, errc::access_denied},
             row{403, "AuthorizationFailure", action::refresh_resources, errc::access_denied},
             row{403, "AuthorizationPermissionMismatch", action::refresh_resources,
                 errc::access_denied},
             row{403, "AuthorizationSourceIPMismatch", action::permanent, errc::access_denied},
             row{403, "AccountIsDisabled", action::switch_account, errc::access_denied},
             row{403, "UnauthorizedBlobOverwrite", action::already_there, errc::access_denied},
             row{403, "", action::refresh_resources, errc::access_denied},
             row{404, "ContainerNotFound", action::refresh_resources, errc::not_found},
             row{404, "QueueNotFound", action::refresh_resources, errc::not_found},
             row{404, "", action::refresh_resources, errc::not_found},
             row{408, "", action::retry, errc::service_unavailable},
             row{409, "BlobAlreadyExists", action::already_there, errc::request_rejected},
             row{409, "EntityAlreadyExists", action::already_there, errc::request_rejected},
             row{409, "ContainerBeingDeleted", action::refresh_resources, errc::request_rejected},
             row{409, "BlobArchived", action::permanent, errc::request_rejected},
             row{409, "", action::permanent, errc::request_rejected},
             row{412, "ConditionNotMet", action::permanent, errc::request_rejected},
             row{413, "RequestBodyTooLarge", action::permanent, errc::request_rejected},
             row{429, "", action::switch_account, errc::throttled},
             row{500, "InternalError", action::retry, errc::service_unavailable},
             row{500, "OperationTimedOut", action::retry, errc::service_unavailable},
             row{500, "FeatureNotSupported", action::permanent, errc::service_unavailable},
             row{502, "", action::retry, errc::service_unavailable},
             row{503, "ServerBusy", action::switch_account, errc::throttled},
             row{503, "", action::switch_account, errc::throttled},
             row{501, "", action::permanent, errc::request_rejected},
             row{504, "", action::retry, errc::service_unavailable},
             row{507, "", action::retry, errc::service_unavailable},
             row{520, "", action::retry, errc::service_unavailable},
             row{522, "", action::retry, errc::service_unavailable},
             row{524, "", action::retry, errc::service_unavailable},
             row{599, "", action::retry, errc::service_unavailable},
         })
    {
        wire::header_list headers;
        if (*r.code != '\0')
            headers.emplace_back("x-ms-error-code", r.code);
        auto const failed = read(r.status, "", headers);
        BOOST_TEST_CONTEXT(r.status << ' ' << r.code)
        {
            BOOST_TEST((failed.action == r.what));
            BOOST_TEST((failed.why.code() == r.code_of_failure));
            BOOST_TEST(failed.why.service_code() == r.code);
            bool const helps = r.what != action::permanent && r.what != action::already_there;
            BOOST_TEST(failed.why.retryable() == helps);
        }
    }
}

BOOST_AUTO_TEST_CASE(ambiguous_answers_leave_the_outcome_open)
{
    for (int status : {408, 500, 502, 503, 504, 520, 522, 524, 599})
        BOOST_TEST((read(status, "").why.outcome() == outcome::unknown), status);
    for (int status : {400, 403, 404, 409, 429, 501})
        BOOST_TEST((read(status, "").why.outcome() == outcome::failed), status);
    // A 503 of the service itself was not begun; one of a gateway may have been.
    auto const busy = "<Error><Code>ServerBusy</Code></Error>";
    BOOST_TEST((read(503, busy).why.outcome() == outcome::failed));
    BOOST_TEST((read(503, "<html>").why.outcome() == outcome::unknown));
    auto const unsupported = "<Error><Code>FeatureNotSupported</Code></Error>";
    BOOST_TEST((read(500, unsupported).why.outcome() == outcome::failed));
}

BOOST_AUTO_TEST_CASE(codes_in_bodies)
{
    struct row
    {
        char const* body;
        char const* code;
        char const* text;
    };
    for (
        auto const& r : {
            row{"\xEF\xBB\xBF<?xml version=\"1.0\" "
                "encoding=\"utf-8\"?><Error><Code>ServerBusy</Code>"
                "<Message>busy &amp; so on\nRequestId:1</Message><New>x</New></Error>",
                "ServerBusy", "busy & so on RequestId:1"},
            row{"<?xml version=\"1.0\"?>\n<Error>\n  <Code>OutOfRangeInput</Code>\n  "
                "<Message>m</Message>"
                "<Reason>too long</Reason></Error>",
                "OutOfRangeInput", "m Reason: too long"},
            row{R"({"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":"exists"}}})",
                "EntityAlreadyExists", "exists"},
            row{R"({"error":{"code":"PathNotFound","message":"gone"}})", "PathNotFound", "gone"},
            row{"<html><body>Bad gateway</body></html>", "",
                "<html><body>Bad gateway</body></html>"},
            row{"just text", "", "just text"},
            row{"", "", ""},
            row{"<Error><Code>X", "", "<Error><Code>X"},
            row{"{\"broken\"", "", ""},
        })
    {
        auto const failed = read(400, r.body);
        BOOST_TEST_CONTEXT(r.body)
        {
            BOOST_TEST(failed.why.service_code() == r.code);
            BOOST_TEST(failed.why.server_text() == r.text);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_header_wins_over_the_body)
{
    auto const failed =
        read(403, "<Error><Code>B</Code></Error>",
             {{"X-MS-Error-Code", "AuthenticationFailed"}, {"x-ms-request-id", "r"}});
    BOOST_TEST(failed.why.service_code() == "AuthenticationFailed");
    BOOST_TEST(failed.why.activity_id() == "r");
    BOOST_TEST((failed.why.where() == stage::upload));
}

BOOST_AUTO_TEST_CASE(the_time_frame_is_shown_and_the_string_to_sign_is_not)
{
    auto const expired = read(
        403,
        "<Error><Code>AuthenticationFailed</Code><Message>m</Message><AuthenticationErrorDetail>"
        "Signature not valid in the specified time frame: Start "
        "[a]</AuthenticationErrorDetail></Error>");
    BOOST_TEST(has(expired.why.server_text(), "time frame: Start [a]"));
    auto const wrong = read(
        403,
        "<Error><Code>AuthenticationFailed</Code><Message>m</Message><AuthenticationErrorDetail>"
        "Signature did not match. String to sign used was rw "
        "CANARY</AuthenticationErrorDetail></Error>");
    BOOST_TEST(!has(wrong.why.describe(), "CANARY"));
}

BOOST_AUTO_TEST_SUITE_END()
