#include "sanitizer_owns_new.hpp"

#include <async/transport.hpp>
#include <auth/token_provider.hpp>
#include <auth/token_source.hpp>
#include <base/secret.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <malloc.h>
#include <net/reply_reader.hpp>
#include <net/request_image.hpp>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <wire/managed_identity.hpp>
#include <wire/management.hpp>
#include <wire/token.hpp>

using namespace kusto;

namespace
{

constexpr std::string_view canary = "CANARY-0123456789-0123456789-0123456789";

thread_local bool watching = false;
thread_local int left_behind = 0; ///< pieces of memory that were freed with a secret in them

[[maybe_unused]] void note(void const* memory) noexcept
{
    if (watching && memory != nullptr &&
        ::memmem(memory, ::malloc_usable_size(const_cast<void*>(memory)), canary.data(),
                 canary.size()) != nullptr)
        ++left_behind;
}

} // namespace

#if !defined(SANITIZER_OWNS_NEW)
constexpr bool memory_is_watched = true;

void* operator new(std::size_t size)
{
    // Zeroes, so that nothing is found that was freed while nobody was watching.
    if (void* const memory = std::calloc(1, size != 0 ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept
{
    note(memory);
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    note(memory);
    std::free(memory);
}
#else
constexpr bool memory_is_watched = false;
#endif

namespace
{

/// How many pieces of memory `work` frees with the canary in them.
int left_by(std::function<void()> const& work)
{
    left_behind = 0;
    watching = true;
    work();
    watching = false;
    return left_behind;
}

async::http_request request_with(std::string authorization)
{
    async::http_request request(async::http_method::get,
                                base::url::parse("https://host.test/x").value());
    request.header("Authorization", std::move(authorization));
    return request;
}

void feed(net::reply_reader& reader, std::string_view text)
{
    for (char const c : text)
    {
        std::memcpy(reader.prepare().data(), &c, 1);
        reader.commit(1);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(freed_memory_suite)

BOOST_AUTO_TEST_CASE(what_nobody_wipes_is_seen)
{
    BOOST_TEST(left_by([] { std::string const text(canary); }) == (memory_is_watched ? 1 : 0));
    BOOST_TEST(left_by([] { base::secret const text(canary); }) == 0);
}

BOOST_AUTO_TEST_CASE(requests)
{
    BOOST_TEST(left_by([] { (void)request_with(std::string(canary)); }) == 0);
    BOOST_TEST(left_by(
                   []
                   {
                       auto request = request_with("x");
                       request.where = stage::token;
                       request.body = canary;
                       auto const copy = request;
                       auto const moved = std::move(request);
                   }) == 0);
    static_assert(!std::is_move_assignable_v<async::http_request>);
    static_assert(!std::is_copy_assignable_v<async::http_request>);
}

BOOST_AUTO_TEST_CASE(requests_as_they_are_sent)
{
    auto const padding = std::string(500, 'x');
    BOOST_TEST(left_by(
                   [&]
                   {
                       auto request = request_with(std::string(canary));
                       // What comes after it makes the text grow.
                       for (char const* name : {"a", "b", "c", "d"})
                           request.header(name, padding);
                       auto image = net::request_image::make(request, padding).value();
                       auto const moved = std::move(image);
                       BOOST_TEST(moved.head().find(canary) != std::string::npos);
                   }) == 0);
}

BOOST_AUTO_TEST_CASE(requests_with_a_token)
{
    wire::client_identity const who;
    BOOST_TEST(left_by(
                   [&]
                   {
                       async::http_request request(async::http_method::post,
                                                   base::url::parse("https://host.test").value());
                       request.headers = wire::kusto_headers(who, "id", canary);
                   }) == 0);
}

BOOST_AUTO_TEST_CASE(requests_to_the_hosts_of_managed_identities)
{
    using wire::identity_host;
    for (auto const host : {identity_host::app_service, identity_host::service_fabric,
                            identity_host::machine_learning, identity_host::azure_arc})
    {
        wire::identity_service const service(host, base::url::parse("https://host.test").value(),
                                             identity_id::system());
        BOOST_TEST(left_by(
                       [&]
                       {
                           auto request = wire::make_identity_request(service, "scope", canary);
                           auto const copy = request;
                           auto const moved = std::move(request);
                           BOOST_TEST(moved.headers.front().second.find(canary) !=
                                      std::string::npos);
                       }) == 0);
    }
}

BOOST_AUTO_TEST_CASE(replies)
{
    auto const head =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(canary.size()) + "\r\n\r\n";
    BOOST_TEST(left_by(
                   [&]
                   {
                       net::reply_reader reader(false, 1000, 1000);
                       feed(reader, head);
                       feed(reader, canary);
                       BOOST_TEST(reader.done());
                       auto reply = reader.take();
                       auto const copy = reply;
                       auto const moved = std::move(reply);
                       BOOST_TEST(moved.body == canary);
                   }) == 0);
    // One that nobody takes, all at once.
    BOOST_TEST(left_by(
                   [&]
                   {
                       net::reply_reader reader(false, 1000, 1000);
                       auto const into = reader.prepare();
                       std::memcpy(into.data(), head.data(), head.size());
                       std::memcpy(static_cast<char*>(into.data()) + head.size(), canary.data(),
                                   canary.size());
                       reader.commit(head.size() + canary.size());
                       BOOST_TEST(reader.done());
                   }) == 0);
}

BOOST_AUTO_TEST_CASE(tokens)
{
    BOOST_TEST(left_by(
                   []
                   {
                       wire::token_reply reply;
                       reply.access_token = canary;
                       reply.refresh_token = canary;
                       auto const copy = reply;
                       auto const moved = std::move(reply);
                   }) == 0);
    BOOST_TEST(left_by(
                   []
                   {
                       auth::issued_token issued(std::string(canary), std::chrono::hours(1),
                                                 std::nullopt);
                       auth::bearer_token token(issued.value, 1);
                       auto const copy = token;
                       token = auth::bearer_token(base::secret(std::string_view("other")), 2);
                   }) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
