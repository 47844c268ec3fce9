// The service in memory judges its clients, and plays its parts.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <support/happy_service.hpp>
#include <support/run.hpp>
#include <wire/ingestion_message.hpp>
#include <wire/storage.hpp>

using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

struct fixture
{
    boost::asio::io_context context;
    manual_clock time;
    std::shared_ptr<happy_service> service = std::make_shared<happy_service>(time);
    base::guid id = base::guid::random();
    base::url blob = url("blob", "/ingest/d__t__" + id.to_string() + ".csv.gz");

    static base::url url(std::string_view what, std::string const& path)
    {
        auto const text = "https://" + happy_storage::host("acc0", what) + path + '?' +
                          happy_storage::sas();
        return base::url::parse(text).value();
    }

    result<async::http_response> send(async::http_method method, wire::storage_request what,
                                      std::string body = std::string())
    {
        async::http_request request(method, std::move(what.target));
        request.headers = std::move(what.headers);
        request.body = body.empty() ? std::move(what.body) : std::move(body);
        return run(context, time, service->send(std::move(request), deadline(time.now() + 30s)));
    }

    int status(async::http_method method, wire::storage_request what,
               std::string body = std::string())
    {
        return send(method, std::move(what), std::move(body)).value().status;
    }

    static std::string request_id() { return base::guid::random().to_string(); }

    int put_blob(std::string body)
    {
        return status(async::http_method::put,
                      wire::put_blob(blob, request_id(), time.utc_now()), std::move(body));
    }

    int post(std::uint64_t raw_size, std::string identity = happy_storage::identity_token())
    {
        wire::ingestion_message message(write_options("d", "t"), wire::client_identity("test"));
        message.batch(id, blob, raw_size, data_format::csv)
            .authorization_context(std::move(identity))
            .created(time.utc_now());
        return status(async::http_method::post,
                      wire::put_message(url("queue", "/ready"), message.to_json(), request_id(),
                                        time.utc_now())
                          .value());
    }

    bool complains(std::string_view about) const
    {
        return service->complaints().find(about) != std::string::npos;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(happy, fixture)

BOOST_AUTO_TEST_CASE(a_blob_and_its_message)
{
    BOOST_TEST(put_blob(gzip("1,a\n")) == 201);
    BOOST_TEST(post(4) == 201);
    BOOST_TEST(service->complaints() == "");
    BOOST_REQUIRE(service->storage().posts().size() == 1u);
    BOOST_TEST(service->storage().posts()[0].text == "1,a\n");
    BOOST_TEST(service->storage().posted_twice().empty());
    BOOST_TEST(post(4) == 201);
    BOOST_TEST(service->storage().posted_twice().size() == 1u);
}

BOOST_AUTO_TEST_CASE(messages_that_are_not_right)
{
    (void)post(4);
    BOOST_TEST(complains("a blob that is not committed"));
    (void)put_blob(gzip("1,a\n"));
    (void)post(5);
    BOOST_TEST(complains("a wrong raw size"));
    (void)post(4, "other");
    BOOST_TEST(complains("without the identity token"));
    (void)put_blob("no gzip");
    BOOST_TEST(complains("a repetition with other bytes"));
    (void)post(4);
    BOOST_TEST(complains("not gzip"));
}

BOOST_AUTO_TEST_CASE(blocks)
{
    auto const whole = gzip("1,a\n2,b\n");
    std::vector<std::string> const ids{wire::block_id(id, 0), wire::block_id(id, 1)};
    auto const put = [&](std::size_t index, std::string body)
    {
        return status(async::http_method::put,
                      wire::put_block(blob, ids[index], request_id(), time.utc_now()),
                      std::move(body));
    };
    auto const list = [&] { return wire::put_block_list(blob, ids, request_id(), time.utc_now()); };
    BOOST_TEST(put(1, whole.substr(10)) == 201);
    BOOST_TEST(status(async::http_method::put, list()) == 400);
    BOOST_TEST(complains("a block that is not there"));
    BOOST_TEST(put(0, whole.substr(0, 10)) == 201);
    BOOST_TEST(service->storage().blobs() == 0u);
    BOOST_TEST(status(async::http_method::put, list()) == 201);
    BOOST_TEST(post(8) == 201);
    BOOST_TEST(service->storage().posts().back().text == "1,a\n2,b\n");
}

BOOST_AUTO_TEST_CASE(a_signature_that_was_changed)
{
    auto const other = blob.with_target(blob.path(), happy_storage::sas() + "x");
    BOOST_TEST(status(async::http_method::put,
                      wire::put_blob(other, request_id(), time.utc_now()), "x") == 403);
    BOOST_TEST(complains("not signed byte for byte"));
}

BOOST_AUTO_TEST_CASE(a_status_goes_from_pending_to_succeeded)
{
    auto const table = url("table", "/status");
    wire::status_entity const first(id, "d", "t", blob);
    auto const insert = [&]
    {
        return status(async::http_method::post,
                      wire::insert_status(table, first, request_id(), time.utc_now()));
    };
    auto const read = [&]
    {
        auto const key = "/status(PartitionKey='" + id.to_string() + "',RowKey='" +
                         id.to_string() + "')";
        auto what = wire::insert_status(table, first, request_id(), time.utc_now());
        what.target = table.with_target(key, table.query());
        what.body.clear();
        return send(async::http_method::get, std::move(what)).value();
    };
    BOOST_TEST(read().status == 404);
    BOOST_TEST(insert() == 204);
    BOOST_TEST(insert() == 409);
    (void)put_blob(gzip("1,a\n"));
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(read().body.find("Pending") != std::string::npos);
    (void)post(4);
    BOOST_TEST(read().body.find("Pending") != std::string::npos);
    BOOST_TEST(read().body.find("Pending") != std::string::npos);
    BOOST_TEST(read().body.find("Succeeded") != std::string::npos);
    BOOST_TEST(service->complaints() == "");
}

BOOST_AUTO_TEST_CASE(mishaps)
{
    auto const what = [&](mishap grief)
    {
        service->plan(service->requests(), grief);
        auto const request = wire::put_blob(blob, request_id(), time.utc_now());
        return send(async::http_method::put, request, gzip("1,a\n"));
    };
    auto const blobs = [&] { return service->storage().blobs(); };
    BOOST_TEST((what(mishap::not_sent).error().outcome() == outcome::failed));
    BOOST_TEST((what(mishap::late).error().code() == errc::timed_out));
    BOOST_TEST((time.passed() == 30s));
    BOOST_TEST(what(mishap::forbidden).value().status == 403);
    BOOST_TEST(what(mishap::gone).value().status == 404);
    BOOST_TEST(what(mishap::conflict).value().status == 409);
    BOOST_TEST(what(mishap::busy).value().status == 503);
    BOOST_TEST(what(mishap::server_error).value().status == 500);
    BOOST_TEST(what(mishap::throttled).value().headers.back().first == "Retry-After");
    BOOST_TEST(blobs() == 0u);
    BOOST_TEST(what(mishap::half_done).value().status == 500);
    BOOST_TEST(blobs() == 1u);
    BOOST_TEST((what(mishap::answer_lost).error().outcome() == outcome::unknown));
    BOOST_TEST(service->in_flight() == 0u);
    BOOST_TEST(service->complaints() == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test
