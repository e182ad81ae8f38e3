package org.latebind.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask and who may change: names, origins, tokens, sizes. */
class AccessTest {

    private static final String HOST = "127.0.0.1:8080";
    private static final String ORIGIN = "http://127.0.0.1:8080";
    private static final String TOKEN = "0123456789abcdef";
    private static final String JSON = "application/json";
    private static final Access ACCESS = new Access(8080, TOKEN);

    @Nested
    class Reading {

        @ParameterizedTest
        @ValueSource(strings = {"127.0.0.1:8080", "localhost:8080", "[::1]:8080"})
        void loopbackNamesWithThePortMayRead(String host) {
            assertThat(ACCESS.read(host).allowed()).isTrue();
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", "127.0.0.1", "127.0.0.1:8081", "localhost.example.org:8080", "attacker.example:8080",
            "127.0.0.1:8080.example.org", " 127.0.0.1:8080"})
        void otherNamesMayNot(String host) {
            assertThat(ACCESS.read(host).status()).isEqualTo(421);
        }
    }

    @Nested
    class Changing {

        private int status(String host, String origin, String token, String type, long length) {
            return ACCESS.change(host, origin, token, type, length).status();
        }

        @Test
        void thePageItselfWithItsTokenMay() {
            assertThat(status(HOST, ORIGIN, TOKEN, JSON, 30)).isEqualTo(200);
            assertThat(status(HOST, ORIGIN, TOKEN, "application/json; charset=utf-8", -1)).isEqualTo(200);
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"null", "", "http://example.org", "http://127.0.0.1:8081", "https://127.0.0.1:8080",
            "http://localhost:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:8080.example.org"})
        void anyOtherOriginIsForeign(String origin) {
            assertThat(status(HOST, origin, TOKEN, JSON, 30)).isEqualTo(403);
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", "0123456789abcdee", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF"})
        void aMissingOrDifferentTokenIsRefused(String token) {
            assertThat(status(HOST, ORIGIN, token, JSON, 30)).isEqualTo(401);
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
        void whatAFormOfAnotherPageCouldSendIsRefused(String type) {
            assertThat(status(HOST, ORIGIN, TOKEN, type, 30)).isEqualTo(415);
        }

        @Test
        void theBoundOfTheBodyIsExact() {
            assertThat(status(HOST, ORIGIN, TOKEN, JSON, Access.BODY_MAX)).isEqualTo(200);
            assertThat(status(HOST, ORIGIN, TOKEN, JSON, Access.BODY_MAX + 1)).isEqualTo(413);
            assertThat(status(HOST, ORIGIN, TOKEN, JSON, Long.MAX_VALUE)).isEqualTo(413);
        }

        @Test
        void aWrongHostIsToldNothingElse() {
            assertThat(status("attacker.example", ORIGIN, "x", "text/plain", Long.MAX_VALUE)).isEqualTo(421);
        }

        @Test
        void noRefusalRepeatsTheToken() {
            assertThat(ACCESS.change(HOST, "http://example.org", TOKEN, JSON, 1).text()).doesNotContain(TOKEN);
            assertThat(ACCESS.change(HOST, ORIGIN, "x", JSON, 1).text()).doesNotContain(TOKEN);
        }
    }

    @Test
    void aRunWithoutTokenIsNoRun() {
        assertThatThrownBy(() -> new Access(8080, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Access(8080, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
