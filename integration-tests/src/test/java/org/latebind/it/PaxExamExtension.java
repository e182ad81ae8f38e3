package org.latebind.it;

import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.spi.PaxExamRuntime;

/**
 * Runs the body of every test method inside the framework: Pax Exam 4 has no driver for JUnit 5 of its own. One container for
 * each test class. The instances are made inside the framework, so there is no parameter injection and no per-test callback.
 */
public final class PaxExamExtension implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {

    private final Map<String, TestAddress> tests = new HashMap<>();
    private TestContainer container;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        // junitBundles() of another class in this JVM would leave it set, and the probe would wait for an invoker in vain.
        System.clearProperty("pax.exam.invoker");
        Class<?> type = context.getRequiredTestClass();
        ExamSystem system = PaxExamRuntime.createTestSystem(optionsOf(type));
        container = PaxExamRuntime.createContainer(system);
        container.start();
        TestProbeBuilder builder = system.createProbe();
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                tests.put(method.getName(), builder.addTest(type, method.getName()));
            }
        }
        try (InputStream in = builder.build().getStream()) {
            container.installProbe(in);
        }
    }

    private static Option[] optionsOf(Class<?> type) throws ReflectiveOperationException {
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Configuration.class)) {
                method.setAccessible(true);
                return (Option[]) method.invoke(null);
            }
        }
        throw new IllegalStateException(type + " has no method with @Configuration");
    }

    @Override
    public void interceptTestMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> method,
            ExtensionContext context) throws Throwable {
        invocation.skip();
        try {
            container.call(tests.get(method.getExecutable().getName()));
        } catch (Throwable thrown) {
            Throwable root = thrown;
            while (root.getCause() != null && root.getCause() != root) {
                root = root.getCause();
            }
            if (root != thrown) {
                root.addSuppressed(new IllegalStateException("inside the framework", thrown));
            }
            throw root;
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (container != null) {
            container.stop();
        }
    }
}
