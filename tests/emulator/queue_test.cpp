#include <boost/test/unit_test.hpp>
#include <emulator/server/xml.hpp>
#include <emulator/storage_fixture.hpp>

using namespace kusto::emulator;

namespace
{

struct queue_fixture : storage_fixture
{
    std::string at(std::string const& query = {}, std::string const& tail = {}) const
    {
        return "/readyq0/messages" + tail + "?" + query + (query.empty() ? "" : "&") + queue_sas();
    }

    response post(std::string const& text, std::string const& query = {})
    {
        return send("POST", at(query),
                    "<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>");
    }

    /// The first message of a list answer.
    static std::string field(response const& answer, std::string const& name)
    {
        auto const document = parse_xml(answer.body);
        for (auto const& message : document.value().children)
        {
            for (auto const& item : message.children)
            {
                if (item.name == name)
                    return item.text;
            }
        }
        return {};
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(queue, queue_fixture)

BOOST_AUTO_TEST_CASE(a_posted_message_comes_back_once_until_it_is_visible_again)
{
    auto const posted = post("e30=");
    BOOST_TEST(posted.status == 201);
    BOOST_TEST(messages == 1);
    BOOST_TEST(field(posted, "ExpirationTime") == "Sun, 29 Nov 2026 11:00:00 GMT");
    auto const first = send("GET", at());
    BOOST_TEST(field(first, "MessageText") == "e30=");
    BOOST_TEST(field(first, "DequeueCount") == "1");
    BOOST_TEST(field(send("GET", at()), "MessageText") == "");
    now += std::chrono::seconds(31);
    auto const second = send("GET", at());
    BOOST_TEST(field(second, "DequeueCount") == "2");
    auto const id = "/" + field(second, "MessageId");
    auto const stale =
        send("DELETE", at("popreceipt=" + percent_encode(field(first, "PopReceipt")), id));
    BOOST_TEST(code_of(stale) == "PopReceiptMismatch");
    auto const receipt = percent_encode(field(second, "PopReceipt"));
    BOOST_TEST(send("DELETE", at("popreceipt=" + receipt, id)).status == 204);
    BOOST_TEST(code_of(send("DELETE", at("popreceipt=" + receipt, id))) == "MessageNotFound");
}

BOOST_AUTO_TEST_CASE(peek_does_not_hide)
{
    post("e30=");
    for (int i = 0; i < 2; ++i)
    {
        auto const peeked = send("GET", at("peekonly=true"));
        BOOST_TEST(field(peeked, "MessageText") == "e30=");
        BOOST_TEST(field(peeked, "PopReceipt") == "");
    }
}

BOOST_AUTO_TEST_CASE(update_changes_text_and_visibility)
{
    post("e30=");
    auto const taken = send("GET", at());
    auto const id = "/" + field(taken, "MessageId");
    auto const query =
        "visibilitytimeout=0&popreceipt=" + percent_encode(field(taken, "PopReceipt"));
    auto const updated =
        send("PUT", at(query, id), "<QueueMessage><MessageText>W10=</MessageText></QueueMessage>");
    BOOST_TEST(updated.status == 204);
    BOOST_TEST(updated.headers.has("x-ms-popreceipt"));
    BOOST_TEST(field(send("GET", at()), "MessageText") == "W10=");
}

BOOST_AUTO_TEST_CASE(the_limit_is_64_kib_of_text)
{
    BOOST_TEST(post(std::string(65536, 'A')).status == 201);
    auto const answer = post(std::string(65537, 'A'));
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(code_of(answer) == "RequestBodyTooLarge");
    BOOST_TEST(answer.body.find("<MaxLimit>65536</MaxLimit>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_the_documented_document_is_accepted)
{
    for (auto const* bad :
         {"", "e30=", "<QueueMessage/>", "<QueueMessage><MessageText>e30=</QueueMessage>",
          "<QueueMessage><Text>e30=</Text></QueueMessage>",
          "<QueueMessage><MessageText>a</MessageText><MessageText>b</MessageText></QueueMessage>",
          "<queuemessage><messagetext>e30=</messagetext></queuemessage>",
          "<QueueMessage><MessageText>a & b</MessageText></QueueMessage>"})
        BOOST_TEST(code_of(send("POST", at(), bad)) == "InvalidXmlDocument");
    BOOST_TEST(send("POST", at(),
                    "<?xml version=\"1.0\"?><QueueMessage><MessageText>&lt;&amp;</MessageText>"
                    "</QueueMessage>")
                   .status == 201);
    BOOST_TEST(send("GET", at()).body.find("&lt;&amp;") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(parameters_have_limits)
{
    BOOST_TEST(post("e30=", "messagettl=-1").status == 201);
    BOOST_TEST(field(post("e30=", "messagettl=-1"), "ExpirationTime") ==
               "Fri, 31 Dec 9999 23:59:59 GMT");
    BOOST_TEST(code_of(post("e30=", "messagettl=0")) == "InvalidQueryParameterValue");
    BOOST_TEST(code_of(post("e30=", "messagettl=10&visibilitytimeout=10")) ==
               "InvalidQueryParameterValue");
    BOOST_TEST(code_of(send("GET", at("numofmessages=33"))) == "OutOfRangeQueryParameterValue");
    BOOST_TEST(code_of(send("GET", at("numofmessages=x"))) == "InvalidQueryParameterValue");
    auto const url = "/nothere/messages?" + sas(storage_service::queue, "nothere", "a");
    BOOST_TEST(code_of(send("POST", url,
                            "<QueueMessage><MessageText>e30=</MessageText></QueueMessage>")) ==
               "QueueNotFound");
}

BOOST_AUTO_TEST_CASE(messages_expire)
{
    post("e30=", "messagettl=5");
    now += std::chrono::seconds(5);
    BOOST_TEST(field(send("GET", at()), "MessageText") == "");
}

BOOST_AUTO_TEST_CASE(the_ingestion_service_takes_visible_messages_for_good)
{
    post("YQ==");
    post("Yg==", "visibilitytimeout=10");
    auto const taken = store.queues().take_visible(account, "readyq0", now);
    BOOST_REQUIRE(taken.size() == 1U);
    BOOST_TEST(taken.front().text == "YQ==");
    BOOST_TEST(store.queues().size(account, "readyq0") == 1U);
    now += std::chrono::seconds(10);
    BOOST_TEST(store.queues().take_visible(account, "readyq0", now).size() == 1U);
    BOOST_TEST(store.queues().size(account, "readyq0") == 0U);
}

BOOST_AUTO_TEST_CASE(permissions_per_operation)
{
    auto const code = [&](std::string const& method, std::string const& permissions)
    {
        auto const url = "/readyq0/messages?" + queue_sas(permissions);
        return code_of(
            send(method, url, "<QueueMessage><MessageText>e30=</MessageText></QueueMessage>"));
    };
    BOOST_TEST(code("POST", "a") == "");
    BOOST_TEST(code("POST", "rup") == "AuthorizationPermissionMismatch");
    BOOST_TEST(code("GET", "rau") == "AuthorizationPermissionMismatch");
    BOOST_TEST(code("GET", "p") == "");
    BOOST_TEST(code("PUT", "raup") == "UnsupportedHttpVerb");
}

BOOST_AUTO_TEST_SUITE_END()
