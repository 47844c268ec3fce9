#include <base/logger.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace kusto;
using namespace std::string_literals;

namespace
{

std::string line(std::vector<log_field> const& fields, std::string_view message = "m")
{
    return to_text(log_event(log_level::info, stage::upload, message, fields));
}

/// The text of one value after `level=info stage=upload message=m f=`.
std::string shown(std::string_view text)
{
    return line({{"f", text}}).substr("level=info stage=upload message=m f="s.size());
}

/// A logger and what it wrote.
struct journal
{
    std::vector<std::string> lines;

    base::logger logger(log_level least)
    {
        return {least, [this](log_event const& event) { lines.push_back(to_text(event)); }};
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(logger_test)

BOOST_AUTO_TEST_CASE(an_event_is_one_line_of_pairs)
{
    BOOST_TEST(line({{"records", 17}, {"host", "h.example:443"}}, "batch delivered") ==
               "level=info stage=upload message=\"batch delivered\" records=17 host=h.example:443");
    BOOST_TEST(line({}) == "level=info stage=upload message=m");
}

BOOST_AUTO_TEST_CASE(texts_are_quoted_where_needed)
{
    struct row
    {
        std::string text;
        std::string expected;
    };
    for (auto const& r : std::vector<row>{
             {"plain", "plain"},
             {"a/b-c_d.e:f,g;h'i[j]", "a/b-c_d.e:f,g;h'i[j]"},
             {"", R"("")"},
             {"two words", R"("two words")"},
             {"a=b", R"("a=b")"},
             {"say \"x\"", R"("say \"x\"")"},
             {R"(C:\x)", R"("C:\\x")"},
             {"a\nlevel=error", R"("a\nlevel=error")"},
             {"a\r\t", R"("a\r\t")"},
             {"\x1b[31m", R"("\x1b[31m")"},
             {"\x7f", R"("\x7f")"},
             {"a\0b"s, R"("a\x00b")"},
             {"Z\xc3\xbcrich", "Z\xc3\xbcrich"},
             {"\xc2\xa0", "\xc2\xa0"}, // U+00A0
             {"\xc2\x9b"
              "31m",
              R"("\xc2\x9b31m")"}, // U+009B: the same as ESC [
             {"\xc2\x80", R"("\xc2\x80")"},
             {"\xff", R"("\xff")"},
             {"caf\xe9", R"("caf\xe9")"},
         })
        BOOST_TEST(shown(r.text) == r.expected);
}

BOOST_AUTO_TEST_CASE(numbers)
{
    BOOST_TEST(line({{"n", -5}}).ends_with(" n=-5"));
    BOOST_TEST(line({{"n", (std::numeric_limits<std::int64_t>::min)()}})
                   .ends_with(" n=-9223372036854775808"));
    BOOST_TEST(line({{"n", (std::numeric_limits<std::uint64_t>::max)()}})
                   .ends_with(" n=18446744073709551615"));
    BOOST_TEST(line({{"n", 0.25}}).ends_with(" n=0.25"));
    BOOST_TEST(line({{"n", -(std::numeric_limits<double>::max)()}})
                   .ends_with(" n=-1.7976931348623157e+308"));
    BOOST_TEST(line({{"n", std::numeric_limits<double>::infinity()}}).ends_with(" n=inf"));
}

BOOST_AUTO_TEST_CASE(a_name_cannot_break_the_line)
{
    BOOST_TEST(line({{"a b=c\n\"", 1}}).ends_with(" a_b_c__=1"));
}

BOOST_AUTO_TEST_CASE(names_of_levels)
{
    BOOST_TEST(to_string(log_level::trace) == "trace");
    BOOST_TEST(to_string(log_level::debug) == "debug");
    BOOST_TEST(to_string(log_level::info) == "info");
    BOOST_TEST(to_string(log_level::warning) == "warning");
    BOOST_TEST(to_string(log_level::error) == "error");
    BOOST_TEST(to_string(log_level::off) == "off");
}

BOOST_AUTO_TEST_CASE(only_what_matters_enough_is_logged)
{
    journal seen;
    auto const log = seen.logger(log_level::warning);
    BOOST_TEST(!log.wants(log_level::info));
    BOOST_TEST(log.wants(log_level::warning));
    log(log_level::info, stage::sink, "not this");
    log(log_level::warning, stage::sink, "this");
    log(log_level::error, stage::token, "and this", {{"n", 1}});
    BOOST_TEST(seen.lines ==
                   (std::vector<std::string>{"level=warning stage=sink message=this",
                                             "level=error stage=token message=\"and this\" n=1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_logged_without_a_function_or_when_off)
{
    journal seen;
    for (auto const& log :
         {base::logger(), base::logger(log_level::trace, {}), seen.logger(log_level::off)})
    {
        BOOST_TEST(!log.wants(log_level::error));
        log(log_level::error, stage::sink, "x");
        log.failed(log_level::error, "x", failure(errc::timed_out, stage::post, "y"));
    }
    BOOST_TEST(seen.lines.empty());
}

BOOST_AUTO_TEST_CASE(a_failure_has_its_fields_but_not_what_the_service_said)
{
    journal seen;
    auto const why = failure(errc::throttled, stage::upload, "the account is busy")
                         .host("a.example:443")
                         .status(503)
                         .service_code("ServerBusy")
                         .request_id("r-1")
                         .activity_id("a-1")
                         .attempts(3)
                         .retryable(true)
                         .outcome(outcome::unknown)
                         .server_text("CANARY");
    seen.logger(log_level::warning)
        .failed(log_level::warning, "batch waits", why, {{"batch", "b-7"}, {"wait_ms", 250}});
    BOOST_REQUIRE(seen.lines.size() == 1u);
    BOOST_TEST(seen.lines[0] ==
               "level=warning stage=upload message=\"batch waits\" batch=b-7 wait_ms=250 "
               "code=throttled reason=\"the account is busy\" host=a.example:443 status=503 "
               "service_code=ServerBusy request_id=r-1 activity_id=a-1 attempts=3 retryable=true "
               "outcome=unknown");
}

BOOST_AUTO_TEST_CASE(what_a_failure_does_not_know_is_left_out)
{
    journal seen;
    seen.logger(log_level::error)
        .failed(log_level::error, "stopped", failure(errc::closed, stage::sink, ""));
    BOOST_REQUIRE(seen.lines.size() == 1u);
    BOOST_TEST(seen.lines[0] == "level=error stage=sink message=stopped code=closed attempts=0 "
                                "retryable=false outcome=failed");
}

BOOST_AUTO_TEST_CASE(what_the_function_throws_is_ignored)
{
    int calls = 0;
    base::logger const log(log_level::trace,
                           [&](log_event const&)
                           {
                               ++calls;
                               throw std::runtime_error("disk full");
                           });
    log(log_level::info, stage::sink, "x");
    log.failed(log_level::info, "x", failure());
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_SUITE_END()
