#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <kusto/credential.hpp>
#include <new>
#include <string>
#include <string_view>

using namespace kusto;

namespace
{

/// Short enough to be kept inside of the object.
constexpr std::string_view content = "CANARY-content";
constexpr std::string_view password = "CANARY-word";

certificate_source short_source()
{
    return certificate_source::memory(std::string(content)).password(std::string(password));
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificate_source_test)

BOOST_AUTO_TEST_CASE(nothing_secret_is_left_behind)
{
    alignas(certificate_source) std::array<std::byte, sizeof(certificate_source)> memory{};
    auto const holds = [&](std::string_view text)
    {
        auto const* const from = reinterpret_cast<char const*>(memory.data());
        return std::string_view(from, memory.size()).find(text) != std::string_view::npos;
    };
    auto* const source = new (memory.data()) certificate_source(short_source());
    BOOST_TEST(holds(content));
    BOOST_TEST(holds(password));
    source->password("other");
    BOOST_TEST(!holds(password.substr(5)));
    source->~certificate_source();
    BOOST_TEST(!holds(content.substr(1)));
    BOOST_TEST(!holds("other"));
}

BOOST_AUTO_TEST_CASE(a_value_type)
{
    auto const first = short_source().send_chain(true);
    auto second = certificate_source::file("/x");
    second = first;
    BOOST_TEST(second.content() == content);
    BOOST_TEST(second.password() == password);
    BOOST_TEST(second.send_chain());
    BOOST_TEST(second.path().empty());
    second = certificate_source::file("/y");
    BOOST_TEST(second.path() == "/y");
    BOOST_TEST(second.content().empty());
    BOOST_TEST(second.password().empty());
    BOOST_TEST(!second.send_chain());
    BOOST_TEST(first.content() == content);
}

BOOST_AUTO_TEST_SUITE_END()
