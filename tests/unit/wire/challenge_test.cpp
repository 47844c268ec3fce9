#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/challenge.hpp>

using namespace kusto;

namespace
{

/// Text of the claims, or nothing.
std::string claims(std::vector<std::string> const& headers)
{
    wire::header_list list;
    for (auto const& value : headers)
        list.emplace_back("www-authenticate", value);
    return wire::demanded_claims(list).value_or("-");
}

} // namespace

BOOST_AUTO_TEST_SUITE(challenge_test)

BOOST_AUTO_TEST_CASE(claims_are_found_however_they_are_written)
{
    // {"a":1} is eyJhIjoxfQ==, {"a":"?>"} has a character of either alphabet.
    struct row
    {
        std::vector<std::string> headers;
        char const* claims;
    };
    for (auto const& r : {
             row{{R"(Bearer realm="", authorization_uri="https://l/common", )"
                  R"(error="insufficient_claims", claims="eyJhIjoxfQ==")"},
                 R"({"a":1})"},
             row{{R"(bearer ERROR="Insufficient_Claims",Claims="eyJhIjoxfQ")"}, R"({"a":1})"},
             row{{"Bearer error=insufficient_claims claims=eyJhIjoxfQ=="}, R"({"a":1})"},
             row{{"Bearer error=insufficient_claims,claims=eyJhIjoxfQ==,x=y"}, R"({"a":1})"},
             row{{R"(Bearer error = "insufficient_claims" , claims = "eyJhIjoxfQ==")"},
                 R"({"a":1})"},
             row{{R"(Bearer claims="eyJhIjoiPz8_In0", error="insufficient_claims")"},
                 R"({"a":"???"})"},
             row{{R"(Bearer claims="eyJhIjoiPz8/In0=", error="insufficient_claims")"},
                 R"({"a":"???"})"},
             row{{R"(Basic realm="a, b=\"c\"", Bearer error="insufficient_claims", )"
                  R"(claims="eyJhIjoxfQ==", PoP nonce="n")"},
                 R"({"a":1})"},
             row{{"Negotiate abc==", "Basic realm=x",
                  R"(Bearer error="insufficient_claims", claims="eyJhIjoxfQ==")"},
                 R"({"a":1})"},
             row{{R"(Bearer error="invalid_token")",
                  R"(Bearer error="insufficient_claims", claims="eyJhIjoxfQ==")"},
                 R"({"a":1})"},
             row{{R"(Negotiate, Bearer error="insufficient_claims", claims="eyJhIjoxfQ==")"},
                 R"({"a":1})"},
             row{{R"(Bearer error="insufficient\_claims", claims="eyJhIjoxfQ==")"}, R"({"a":1})"},
         })
        BOOST_TEST(claims(r.headers) == r.claims, r.headers.front());
}

BOOST_AUTO_TEST_CASE(everything_else_is_an_ordinary_401)
{
    for (char const* header :
         {"", " , ,", "=", "\"", "Bearer", "Bearer =\"x\"", "Bearer claims=\"eyJhIjoxfQ==\"",
          "Bearer error=\"insufficient_claims\"", "Bearer error=\"insufficient_claims\", claims=\"",
          "Bearer error=\"insufficient_claims\", claims=\"\"",
          "Bearer error=\"invalid_token\", claims=\"eyJhIjoxfQ==\"",
          "PoP error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"",
          "error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"",
          // Not base64, not JSON, not an object, ambiguous.
          "Bearer error=\"insufficient_claims\", claims=\"ey*hIjoxfQ==\"",
          "Bearer error=\"insufficient_claims\", claims=\"aGVsbG8=\"",
          "Bearer error=\"insufficient_claims\", claims=\"WzFd\"",
          "Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxLCJhIjoyfQ==\"",
          // The error and the claims belong to different challenges.
          "Bearer error=\"insufficient_claims\", Basic claims=\"eyJhIjoxfQ==\"",
          "Bearer authorization_uri=https://login.microsoftonline.com/t/oauth2/authorize "
          "resource_id=https://storage.azure.com"})
        BOOST_TEST(claims({header}) == "-", header);
    wire::header_list const other{
        {"Authenticate", R"(Bearer error="insufficient_claims", claims="eyJhIjoxfQ==")"}};
    BOOST_TEST(!wire::demanded_claims(other).has_value());
    auto const huge = "Bearer error=\"insufficient_claims\", x=" + std::string(40000, 'x') +
                      ", claims=\"eyJhIjoxfQ==\"";
    BOOST_TEST(claims({huge}) == "-");
}

BOOST_AUTO_TEST_CASE(both_characters_of_either_alphabet_are_understood)
{
    for (char const* const value : {"eyJhIjoiPj4-In0", "eyJhIjoiPj4+In0="})
        BOOST_TEST(claims({"Bearer error=insufficient_claims, claims=\"" + std::string(value) +
                           '"'}) == R"({"a":">>>"})",
                   value);
}

BOOST_AUTO_TEST_SUITE_END()
