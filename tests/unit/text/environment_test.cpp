#include <boost/test/unit_test.hpp>

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <locale>

#include "encoding.hpp"

using namespace text_test;

namespace
{

struct comma_numbers : std::numpunct<char>
{
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

std::string sample()
{
    auto const line = encoded(kusto::row(1234567, 1234567.5, kusto::decimal::parse("1234567.25"),
                                         std::chrono::system_clock::time_point(),
                                         std::chrono::milliseconds(1500)));
    auto const json = encoded(std::tuple(std::vector<double>{0.5, 12345.25}));
    return line + json + kusto::datetime::parse("2026-01-01T00:00").to_string() +
           kusto::decimal::parse("0.5").to_string() + kusto::value(1.5).to_text();
}

/// Puts back what a test changes.
class environment
{
public:
    ~environment()
    {
        std::locale::global(locale_);
        std::setlocale(LC_ALL, c_locale_.c_str());
        if (had_zone_)
            ::setenv("TZ", zone_.c_str(), 1);
        else
            ::unsetenv("TZ");
        ::tzset();
    }

private:
    std::locale locale_;
    std::string c_locale_ = std::setlocale(LC_ALL, nullptr);
    bool had_zone_ = std::getenv("TZ") != nullptr;
    std::string zone_ = had_zone_ ? std::getenv("TZ") : "";
};

} // namespace

BOOST_AUTO_TEST_SUITE(environments)

BOOST_AUTO_TEST_CASE(neither_locale_nor_time_zone_matters)
{
    auto const expected =
        std::string("1234567,1234567.5,1234567.25,1970-01-01T00:00:00.0000000Z,00:00:01.5000000"
                    "\"[0.5,12345.25]\"2026-01-01T00:00:00.0000000Z0.51.5");
    BOOST_TEST(sample() == expected);
    environment const restore;
    std::locale::global(std::locale(std::locale(), new comma_numbers));
    BOOST_TEST(sample() == expected);
    for (auto const* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8", ""})
        if (std::setlocale(LC_ALL, name) != nullptr)
        {
            BOOST_TEST_MESSAGE("locale " << name);
            BOOST_TEST(sample() == expected);
        }
    for (auto const* zone : {"Asia/Kolkata", "<-05>5", "UTC-14"})
    {
        ::setenv("TZ", zone, 1);
        ::tzset();
        BOOST_TEST(sample() == expected);
    }
}

BOOST_AUTO_TEST_SUITE_END()
