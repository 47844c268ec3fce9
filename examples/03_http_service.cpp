// An HTTP service (Beast) whose handlers write one record a request, and which drains on SIGTERM:
// what was answered with 202 is in the table when the process ends.
//
//   03_http_service [SECONDS]     serves on a free loopback port, until SIGTERM or for SECONDS
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <tuple>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

asio::awaitable<http::response<http::string_body>>
handle(kusto::batching_sink& sink, http::request<http::string_body> request)
{
    http::response<http::string_body> response(http::status::accepted, request.version());
    response.keep_alive(request.keep_alive());
    try
    {
        auto const record = std::make_tuple(kusto::datetime::now(), std::string(request.target()),
                                            std::move(request.body()));
        co_await sink.write(record); // waits when the byte budget is used up: back-pressure
    }
    catch (kusto::error const& e)
    {
        bool const theirs = e.why().where() == kusto::stage::encode;
        response.result(theirs ? http::status::bad_request : http::status::service_unavailable);
        response.body() = e.what();
    }
    response.prepare_payload();
    co_return response;
}

asio::awaitable<void> session(kusto::batching_sink& sink, tcp::socket socket)
{
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    try
    {
        for (bool open = true; open;)
        {
            http::request<http::string_body> request;
            stream.expires_after(std::chrono::seconds(30));
            co_await http::async_read(stream, buffer, request, asio::use_awaitable);
            auto response = co_await handle(sink, std::move(request));
            open = response.keep_alive();
            co_await http::async_write(stream, response, asio::use_awaitable);
        }
    }
    catch (boost::system::system_error const&)
    {
        // The peer closed or was too slow.
    }
}

asio::awaitable<void> listen(kusto::batching_sink& sink, tcp::acceptor& acceptor)
{
    auto const executor = co_await asio::this_coro::executor;
    for (;;)
    {
        tcp::socket socket(asio::make_strand(executor));
        co_await acceptor.async_accept(socket, asio::use_awaitable);
        auto const strand = socket.get_executor();
        asio::co_spawn(strand, session(sink, std::move(socket)), asio::detached);
    }
}

int main(int argc, char** argv)
{
    kusto::emulator::cluster cluster;
    (void)cluster.execute("NetDefaultDB",
                          ".create table Requests (Time: datetime, Target: string, Body: string)");
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    asio::thread_pool threads(2);
    auto options = kusto::write_options("NetDefaultDB", "Requests");
    options.parallelism(2).batch_interval(std::chrono::seconds(5));
    kusto::batching_sink sink(threads.get_executor(), where, options);

    tcp::acceptor acceptor(asio::make_strand(threads), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    asio::co_spawn(acceptor.get_executor(), listen(sink, acceptor), asio::detached);
    std::cout << "listening on " << acceptor.local_endpoint().port() << std::endl;

    asio::io_context control;
    asio::signal_set signals(control, SIGINT, SIGTERM);
    signals.async_wait([&](auto, auto) { control.stop(); });
    asio::steady_timer limit(control);
    if (argc > 1)
    {
        limit.expires_after(std::chrono::seconds(std::atoi(argv[1])));
        limit.async_wait([&](auto) { control.stop(); });
    }
    control.run();

    asio::post(acceptor.get_executor(), [&] { acceptor.close(); });
    auto const report = asio::co_spawn(threads, sink.close(), asio::use_future).get();
    threads.stop(); // connections that are still open end here
    threads.join();
    cluster.wait_until_idle();
    std::cout << report.accepted.records << " accepted, " << report.delivered.records << " delivered, "
              << cluster.scalar("NetDefaultDB", "Requests | count") << " rows" << std::endl;
    return report.complete() ? 0 : 1;
}
